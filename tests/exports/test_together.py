"""What is alike stands on one side, from the first release on and when a likeness is found later."""

from collections import Counter
from itertools import pairwise

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from annotation.known import ref_of_instruction, ref_of_task, scope_of
from corpus.enums import Kind, PairState
from corpus.models import Pair
from exports import clusters, queries
from exports.enums import Bump
from exports.models import Place
from exports.services.build import build_here
from exports.services.cut import cut_release
from exports.services.freeze import freeze_records
from exports.services.lay_out import blocks
from exports.services.publish import publish_release
from tests.factories.exports import approved, dataset_of

pytestmark = pytest.mark.django_db
SHARES = {"train": 0.5, "validation": 0.0, "test": 0.5, "held_out": 0.0}


def alike(studio, one, other, kind=Kind.RESPONSE):
    """Two like texts that were both kept: undecided, the later of two responses would be left out."""
    name = ref_of_task if kind == Kind.RESPONSE else ref_of_instruction
    keys = [t.pk if kind == Kind.RESPONSE else t.instruction_id for t in (one, other)]
    first, second = sorted(map(name, keys))
    return Pair.objects.create(
        kind=kind, scope=scope_of(studio.project.pk), first=first, second=second, score=0.9,
        state=PairState.KEEP_BOTH, reason="Both are wanted.", settled_by=studio.lead, settled_at=timezone.now(),
    )  # fmt: skip


def sides(dataset):
    return dict(Place.objects.filter(dataset=dataset).values_list("record_id", "split"))


@pytest.mark.parametrize("kind", [Kind.RESPONSE, Kind.INSTRUCTION])
def test_a_chain_of_likenesses_stands_on_one_side(studio, kind):
    tasks = [approved(studio, f"Answer number {n}, quite its own.") for n in range(8)]
    for one, other in pairwise(tasks[:5]):
        alike(studio, one, other, kind)
    dataset = dataset_of(studio, shares=SHARES)
    cut_release(dataset=dataset, bump=Bump.MAJOR, person=None)
    found = sides(dataset)
    assert len({found[task.key] for task in tasks[:5]}) == 1
    assert set(found.values()) == {"train", "test"}


def test_a_likeness_found_later_moves_to_the_stricter_side_and_is_major(studio):
    tasks = [approved(studio, f"Answer number {n}, quite its own.") for n in range(6)]
    dataset = dataset_of(studio, shares=SHARES)
    first = build_here(release=cut_release(dataset=dataset, bump=Bump.MAJOR, person=None))
    publish_release(release=first, person=None)
    before = sides(dataset)
    trained = next(task for task in tasks if before[task.key] == "train")
    tested = next(task for task in tasks if before[task.key] == "test")
    alike(studio, trained, tested)
    second = cut_release(dataset=dataset, bump="", person=None)
    after = sides(dataset)
    assert after[trained.key] == after[tested.key] == "test"
    assert {key: side for key, side in after.items() if key != trained.key} == {
        key: side for key, side in before.items() if key != trained.key
    }
    assert (second.version, second.snapshot["changes"]["moved"]) == ("2.0.0", 1)


def test_a_new_record_follows_what_it_is_like(studio):
    tasks = [approved(studio, f"Answer number {n}, quite its own.") for n in range(6)]
    dataset = dataset_of(studio, shares=SHARES)
    cut_release(dataset=dataset, bump=Bump.MAJOR, person=None)
    tested = next(task for task in tasks if sides(dataset)[task.key] == "test")
    late = [approved(studio, f"A late answer {n} of its own.") for n in range(3)]
    for task in late:
        alike(studio, task, tested)
    cut_release(dataset=dataset, bump=Bump.MAJOR, person=None)
    assert {sides(dataset)[task.key] for task in late} == {"test"}


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.sampled_from("abcdefgh"), st.sampled_from("abcdefgh")), max_size=12))
def test_clusters_are_the_connected_parts(pairs):
    home = clusters.homes(pairs)
    assert all(home[one] == home[other] for one, other in pairs)
    assert all(home[root] == root and root <= key for key, root in home.items())
    assert clusters.homes(reversed(pairs)) == home


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(1, 20_000))
def test_shards_cover_every_ordinal_once_and_few_change_at_the_end(ordinals):
    found = list(blocks(ordinals))
    assert [first for first, _ in found] == [0, *(last + 1 for _, last in found[:-1])]
    assert found[-1][0] < ordinals <= found[-1][1] + 1
    assert len(set(found) - set(blocks(ordinals + 1))) <= 6


def test_caps_and_weights_of_slices_hold_in_counts_and_release(studio):
    for number in range(6):
        approved(studio, f"Answer number {number}, quite its own.", difficulty=4 if number else 1)
    mixture = [{"member": "hard", "where": {"difficulties": [4]}, "weight": 2.0, "cap": 3}]
    dataset = dataset_of(studio, shares={"train": 1.0}, mixture=mixture)
    release = cut_release(dataset=dataset, bump=Bump.MAJOR, person=None)
    assert queries.counted(dataset).exclusions == {"cap": 2}
    assert queries.counted(dataset).slices["difficulty"] == {"1": 1, "4": 3}
    hard, others = queries.counted(dataset).members()
    assert (hard["n"], hard["percent"], others["n"]) == (3, 86, 1)
    assert sorted(release.pins.values_list("weight", "mixture")) == [
        (1.0, []), *[(2.0, ["hard"])] * 3,
    ]  # fmt: skip
    assert queries.coverage(queries.counted(dataset))[0]["total"] == 4
    assert queries.checks_report(dataset)[0]["passed"] == 4
    assert len(queries.excluded(dataset, "cap")) == 2


def test_all_axes_are_counted_in_one_reading_of_the_records(studio, django_assert_num_queries):
    for difficulty, language in ((4, "de"), (5, "en"), (4, "en")):
        text = f"An answer of {difficulty}, {language}, quite its own."
        approved(studio, text, difficulty=difficulty, language=language)
    dataset = dataset_of(studio)
    freeze_records()
    records = queries.selected(dataset)
    with django_assert_num_queries(2):  # its projects, and one reading
        counted = queries.counted(dataset).slices
    assert list(counted) == list(queries.AXES)
    for axis, values in counted.items():
        assert values == Counter(str(value) for value in records.values_list(axis, flat=True))
        assert list(values) == [
            str(value) for value in records.order_by(axis).values_list(axis, flat=True).distinct()
        ]
