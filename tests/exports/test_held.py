"""What the corpus holds stays out of releases until it is settled, and what is let stand is told."""

import pytest
from django.urls import reverse
from django.utils import timezone

from annotation.known import ref_of_instruction, ref_of_task, scope_of
from corpus.enums import HitState, Kind, PairState
from corpus.models import Fingerprint, Hit, Pair, ProtectedItem, ProtectedSet
from corpus.queries import held_refs
from corpus.services.add_fingerprints import mark_released
from corpus.services.remember import waive_hit
from exports import queries
from exports.enums import Exclusion
from exports.services.build import build_here
from exports.services.cut import cut_release
from exports.services.freeze import freeze_records
from exports.services.publish import publish_release
from lib.errors import Invalid
from tests.factories.exports import approved, dataset_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def work(studio):
    """Three approved records of one project, frozen."""
    studio.tasks = [approved(studio, f"Answer number {n}, made with care.") for n in range(3)]
    studio.dataset = dataset_of(studio, shares={"train": 1.0})
    freeze_records(projects=[studio.project])
    return studio


def hit_in(work, ref, **values):
    protected, _ = ProtectedSet.objects.get_or_create(
        name="bench", defaults={"gram_version": 1, "key_check": 1}
    )
    item = ProtectedItem.objects.create(
        protected_set=protected, name="item 7", tokens=20, words=20, own=20, whole=1
    )
    values = {"held": True, "coverage": 0.81, "gram_version": 1, "content": b"1" * 32} | values
    return Hit.objects.create(ref=ref, scope=scope_of(work.project.pk), item=item, **values)


def left_out(work):
    return {
        record.task_id for record in queries.excluded(work.dataset, Exclusion.HELD)
    }, queries.counted(work.dataset).exclusions.get("held", 0)


@pytest.mark.parametrize("ref_of", ["task", "instruction"])
def test_a_protected_item_holds_the_record_until_it_is_waived(work, ref_of):
    task = work.tasks[1]
    ref = ref_of_task(task.pk) if ref_of == "task" else ref_of_instruction(task.instruction_id)
    hit = hit_in(work, ref)
    assert left_out(work) == ({task.pk}, 1)
    assert queries.selected(work.dataset).count() == 2
    waive_hit(hit=hit, reason="A statute, quoted.", actor=work.lead)
    assert left_out(work) == (set(), 0)
    assert queries.selected(work.dataset).count() == 3


@pytest.mark.parametrize("values", [{"held": False}, {"state": HitState.REMOVED}])
def test_what_is_worth_a_look_or_was_removed_holds_nothing(work, values):
    hit_in(work, ref_of_task(work.tasks[0].pk), **values)
    assert left_out(work) == (set(), 0)


def pair_of(work, one, other, **values):
    first, second = sorted(ref_of_task(task.pk) for task in (one, other))
    values = {"kind": Kind.RESPONSE, "score": 0.9} | values
    scope = scope_of(work.project.pk)
    return Pair.objects.create(scope=scope, first=first, second=second, **values)


def settle(pair, person, state, **values):
    pair.state, pair.settled_by, pair.settled_at = state, person, timezone.now()
    for name, value in values.items():
        setattr(pair, name, value)
    pair.save()


def test_of_like_responses_the_later_waits_until_somebody_decides(work):
    earlier, later, _ = work.tasks
    pair = pair_of(work, earlier, later)
    assert left_out(work) == ({later.pk}, 1)
    settle(pair, work.lead, PairState.KEEP_ONE, kept=ref_of_task(later.pk))
    assert left_out(work) == ({earlier.pk}, 1)
    settle(pair, work.lead, PairState.KEEP_BOTH, kept="", reason="Both readings are wanted.")
    assert left_out(work) == (set(), 0)


def test_the_later_is_the_one_with_the_larger_number():
    pairs = [("task:10", "task:9"), ("task:11", "task:12"), ("task:100", "task:20")]
    for first, second in pairs:
        Pair.objects.create(
            scope="project:1", kind=Kind.RESPONSE, first=first, second=second, score=1
        )
    assert set(held_refs(["project:1"])) == {"task:10", "task:12", "task:100"}


def test_what_is_out_already_stays_until_somebody_decides(work):
    mark_released(kind=Kind.RESPONSE, refs=[ref_of_task(task.pk) for task in work.tasks])
    pair = pair_of(work, *work.tasks[:2])
    assert left_out(work) == (set(), 0)
    settle(pair, work.lead, PairState.KEEP_ONE, kept=ref_of_task(work.tasks[0].pk))
    assert left_out(work) == ({work.tasks[1].pk}, 1)


@pytest.mark.parametrize("values", [{"kind": Kind.INSTRUCTION}, {"score": 0.3}])
def test_like_questions_and_a_copied_passage_hold_nothing(work, values):
    pair_of(work, *work.tasks[:2], **values)
    assert left_out(work) == (set(), 0)


def test_what_is_met_after_the_cut_holds_the_publication(work):
    release = build_here(release=cut_release(dataset=work.dataset, bump="major", person=None))
    hit = hit_in(work, ref_of_task(work.tasks[0].pk))
    with pytest.raises(Invalid, match="held since it was cut"):
        publish_release(release=release, person=None)
    waive_hit(hit=hit, reason="A statute, quoted.", actor=work.lead)
    assert publish_release(release=release, person=None).published_at


def test_the_datasheet_says_why_like_responses_were_both_kept(work):
    pair = pair_of(work, *work.tasks[:2])
    settle(pair, work.lead, PairState.KEEP_BOTH, reason="Both readings are wanted.")
    release = build_here(release=cut_release(dataset=work.dataset, bump="major", person=None))
    sheet = queries.small_file(release, "DATASHEET.md").decode()
    assert "| 1 | 90% | Both readings are wanted. |" in sheet


def test_a_published_text_is_known_everywhere(work, django_capture_on_commit_callbacks):
    release = build_here(release=cut_release(dataset=work.dataset, bump="major", person=None))
    assert not Fingerprint.objects.filter(released=True).exists()
    with django_capture_on_commit_callbacks(execute=True):
        publish_release(release=release, person=None)
    known = set(Fingerprint.objects.filter(released=True).values_list("ref", flat=True))
    assert {ref_of_task(task.pk) for task in work.tasks} <= known


def test_the_looks_at_what_is_held_do_not_grow_with_the_records(work, django_assert_num_queries):
    for task in work.tasks:
        hit_in(work, ref_of_task(task.pk))
    with django_assert_num_queries(2):
        assert queries.selected(work.dataset).count() == 0


def test_a_release_leaves_out_what_is_held_and_tells_what_was_waived(work, client):
    held, waived, _ = work.tasks
    hit_in(work, ref_of_task(held.pk))
    stands = hit_in(work, ref_of_instruction(waived.instruction_id))
    waive_hit(hit=stands, reason="A statute, quoted.", actor=work.lead)
    release = build_here(release=cut_release(dataset=work.dataset, bump="major", person=None))
    pinned = set(release.pins.values_list("record__task_id", flat=True))
    assert held.pk not in pinned
    assert waived.pk in pinned
    sheet = queries.small_file(release, "DATASHEET.md").decode()
    assert "| bench | item 7 | 81% | 1 | A statute, quoted. |" in sheet
    client.force_login(work.lead)
    address = reverse("datasets:exclusions", args=[work.dataset.slug])
    page = client.get(address, {"reason": "held"}).content.decode()
    assert reverse("projects:task", args=[work.project.slug, held.pk]) in page
    assert reverse("projects:contamination", args=[work.project.slug]) in page
