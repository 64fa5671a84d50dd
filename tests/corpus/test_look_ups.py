"""Fingerprints in the database, what is kept of likenesses, and how it is settled."""

import random

import pytest

from annotation.known import ref_of_instruction, ref_of_task, scope_of
from annotation.services.look_up import know_instructions
from annotation.services.rerun_checks import advance_check_run, start_check_run
from checks.types import ProtectedHit, Where
from corpus.enums import HitState, Kind, PairState
from corpus.errors import OwnText, ReasonNeeded
from corpus.models import Band, Fingerprint, Hit, Pair, ProtectedItem, ProtectedSet, Run
from corpus.queries import clusters, held_refs, similar
from corpus.services.add_fingerprints import Entry, add_fingerprints, remove_fingerprints
from corpus.services.remember import remember_hits, settle_pairs, waive_hit
from lib.errors import Invalid
from tests.checks import labelled
from tests.factories.annotation import InstructionFactory, TaskFactory, submitted

pytestmark = pytest.mark.django_db


@pytest.fixture
def texts():
    rng = random.Random(15)
    return [labelled.passage(rng, 80) for _ in range(30)]


@pytest.fixture
def known(texts):
    entries = [Entry(Kind.RESPONSE, f"task:{n}", "project:1", text) for n, text in enumerate(texts)]
    assert add_fingerprints(entries=entries) == len(texts)
    return texts


def test_edited_copies_are_proposed_first(known):
    rng = random.Random(16)
    for number, text in enumerate(known):
        found = similar(labelled.typos(0.04)(rng, text), kind=Kind.RESPONSE)
        assert found[0].ref == f"task:{number}"


def test_the_same_text_is_exact(known):
    (found, *_) = similar(known[3].upper(), kind=Kind.RESPONSE)
    assert (found.ref, found.exact) == ("task:3", True)


def test_a_copied_passage_is_proposed(known):
    passage = " ".join(known[5].split()[10:60])
    other = labelled.passage(random.Random(17), 200)
    assert "task:5" in [k.ref for k in similar(f"{other} {passage}", kind=Kind.RESPONSE)]


def test_scope_kind_and_own_text_are_left_out(known):
    assert not similar(known[0], kind=Kind.RESPONSE, scopes=["project:2"])
    assert not similar(known[0], kind=Kind.INSTRUCTION)
    assert not similar(known[0], kind=Kind.RESPONSE, without=["task:0"])


def test_adding_again_replaces_and_removing_forgets(known):
    add_fingerprints(
        entries=[
            Entry(Kind.RESPONSE, "task:0", "project:1", "Quite another text by now, as it is.")
        ]
    )
    assert Fingerprint.objects.count() == len(known)
    assert not similar(known[0], kind=Kind.RESPONSE)
    remove_fingerprints(kind=Kind.RESPONSE, refs=[f"task:{n}" for n in range(len(known))])
    assert not Fingerprint.objects.exists()
    assert not Band.objects.exists()
    assert not Run.objects.exists()


def hand_in_twins(studio, text):
    """Two tasks with nearly the same response."""
    tasks = [
        TaskFactory(instruction=InstructionFactory(project=studio.project, domain=studio.domain))
        for _ in range(2)
    ]
    rng = random.Random(18)
    with_reason = labelled.replaced(0.02)(rng, text)
    submitted(tasks[0], studio.writer, text)
    from annotation.services.claim import take
    from annotation.services.submit import submit_revision
    from tests.factories.annotation import write

    write(take(person=studio.writer, task_id=tasks[1].pk), with_reason)
    submit_revision(
        person=studio.writer, task_id=tasks[1].pk, reasons={"near_duplicate": "Both are wanted."}
    )
    return tasks


def test_like_responses_make_a_pair_that_a_lead_settles(
    studio, texts, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        tasks = hand_in_twins(studio, texts[0])
    pair = Pair.objects.get()
    refs = {ref_of_task(task.pk) for task in tasks}
    assert {pair.first, pair.second} == refs
    assert pair.scope == scope_of(studio.project.pk)
    with pytest.raises(ReasonNeeded):
        settle_pairs(pairs=[pair], state=PairState.KEEP_BOTH, actor=studio.lead)
    settle_pairs(pairs=[pair], state=PairState.KEEP_ONE, kept=pair.first, actor=studio.lead)
    assert set(held_refs([pair.scope])) == {pair.second}


def test_the_second_of_two_like_responses_needs_a_reason(
    studio, texts, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        tasks = hand_in_twins(studio, texts[1])
    tasks[1].refresh_from_db()
    found = tasks[1].current_revision.findings.get(check_id="near_duplicate")
    assert (found.severity, found.reason) == ("warning", "Both are wanted.")


def test_clusters_hang_together_through_common_texts():
    def pair(first, second):
        return Pair(pk=hash((first, second)), kind=Kind.RESPONSE, first=first, second=second)

    groups = clusters([pair("a", "b"), pair("x", "y"), pair("b", "c")])
    assert [len(group) for group in groups] == [2, 1]


def test_imported_instructions_become_known_and_like_ones_a_pair(studio, texts):
    messages = [
        [{"role": "user", "content": text}] for text in (texts[0], texts[0].upper(), texts[1])
    ]
    made = [
        InstructionFactory(project=studio.project, domain=studio.domain, messages=m)
        for m in messages
    ]
    assert know_instructions(project_id=studio.project.pk) == made[-1].pk
    assert know_instructions(project_id=studio.project.pk) == 0
    pair = Pair.objects.get(kind=Kind.INSTRUCTION)
    assert {pair.first, pair.second} == {ref_of_instruction(i.pk) for i in made[:2]}
    assert pair.exact


def test_a_protected_item_holds_a_response_until_it_is_waived(
    studio, tmp_path, texts, django_capture_on_commit_callbacks
):
    from corpus.services.import_protected import import_protected

    path = tmp_path / "bench.jsonl"
    path.write_text('{"question": "' + texts[2] + '"}')
    instruction = InstructionFactory(
        project=studio.project,
        domain=studio.domain,
        messages=[{"role": "user", "content": texts[2]}],
    )
    import_protected(path=path, name="bench")
    know_instructions(project_id=studio.project.pk)
    ref = ref_of_instruction(instruction.pk)
    hit = Hit.objects.get(ref=ref)
    held = held_refs([scope_of(studio.project.pk)])
    assert list(held.all()) == [ref]
    with pytest.raises(ReasonNeeded):
        waive_hit(hit=hit, reason=" ", actor=studio.lead)
    with pytest.raises(OwnText):
        waive_hit(hit=hit, reason="Mine.", actor=studio.writer, authors=[studio.writer.pk])
    assert (
        waive_hit(hit=hit, reason="A statute, quoted.", actor=studio.lead).state == HitState.WAIVED
    )
    assert not list(held.all())


def test_an_item_taken_out_and_put_back_is_held_again():
    protected = ProtectedSet.objects.create(name="bench", gram_version=1, key_check=1)
    ProtectedItem.objects.create(
        protected_set=protected, name="7", tokens=20, words=20, own=20, whole=1
    )
    where = Where("response", 0, 0, 9, "assistant")
    met = [ProtectedHit("bench", "7", 1.0, 20, 20, where)]
    for texts, hits, state in (
        (["with it"], met, HitState.OPEN),
        (["without"], [], HitState.REMOVED),
        (["with it"], met, HitState.OPEN),
    ):
        remember_hits(scope="project:1", ref="task:1", texts=texts, hits=hits)
        assert Hit.objects.get().state == state


def test_a_dry_run_shows_the_difference_and_keeps_nothing(studio):
    task = TaskFactory(instruction=InstructionFactory(project=studio.project, domain=studio.domain))
    submitted(task, studio.writer, "A careful answer.")
    task.refresh_from_db()
    before = task.current_revision.findings.count()
    spec = {"length": {"words": {"min": 50}}}
    made = start_check_run(
        project=studio.project, actor=studio.lead, checks=["length"], format_spec=spec
    )
    assert advance_check_run(run_id=made.pk) is False
    made.refresh_from_db()
    assert (made.state, made.done, made.total) == ("done", 1, 1)
    assert made.counts["length"] == {"before": 0, "after": 1, "appeared": 1, "gone": 0}
    assert task.current_revision.findings.count() == before
    kept = start_check_run(
        project=studio.project, actor=studio.lead, checks=["length"], format_spec=spec, keep=True
    )
    advance_check_run(run_id=kept.pk)
    assert task.current_revision.findings.filter(check_id="length").count() == 1


def test_a_run_of_nothing_is_refused(studio):
    with pytest.raises(Invalid):
        start_check_run(project=studio.project, actor=studio.lead, checks=[], format_spec={})
