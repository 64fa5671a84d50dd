"""A release holds what it was cut with, for good; what stays as it was takes no row of its own."""

import importlib
import itertools

import pytest
from django.db import IntegrityError, connection, transaction

from exports import queries
from exports.enums import Bump, Reason
from exports.models import Pin, Place, Record, Release, ReleaseShard
from exports.models.pin import STANDING
from exports.queries.selecting import counts_by
from exports.services import lay_out
from exports.services.build import build_here
from exports.services.cut import cut_release
from exports.services.freeze import freeze_records
from exports.services.publish import discard_release, publish_release
from exports.services.withdraw import withdraw_record
from tests.factories.exports import approved, dataset_of

pytestmark = pytest.mark.django_db
SHARES = {"train": 0.5, "validation": 0.0, "test": 0.25, "held_out": 0.25}


def written(studio, number, **instruction):
    return approved(studio, f"Answer number {number}, quite its own.", **instruction)


def should_hold(dataset):
    """What a release cut now holds, asked in another way: the selection at its places."""
    places = {
        place.record_id: (place.split, place.ordinal)
        for place in Place.objects.filter(dataset=dataset).exclude(split="held_out")
    }
    names = [each["member"] for each in dataset.mixture]
    return sorted(
        (record.pk, *places[record.record_id], [names[record.member]] if record.member >= 0 else [], record.split_weight)
        for record in queries.selected(dataset) if record.record_id in places
    )  # fmt: skip


def held(release):
    return sorted(release.pins.values_list("record", "split", "ordinal", "mixture", "weight"))


def cut(dataset):
    release = cut_release(dataset=dataset, bump="", person=None)
    assert held(release) == should_hold(dataset)
    return release


def published(dataset):
    return publish_release(release=build_here(release=cut(dataset)), person=None)


@pytest.fixture
def small_shards(monkeypatch):
    monkeypatch.setattr(lay_out, "SHARD_RECORDS", 2)
    monkeypatch.setattr(lay_out, "LEAST_RECORDS", 1)


@pytest.fixture
def history(studio, small_shards):
    """[(release, what it held when it was cut)]: grown, mixed anew, narrowed, discarded, withdrawn from."""
    dataset = dataset_of(studio, shares=SHARES)
    found = []

    def keep(release):
        found.append((release, held(release)))
        return release

    for number in range(9):
        written(studio, number, difficulty=1 + number % 2)
    keep(published(dataset))
    for number in range(9, 12):
        written(studio, number)
    keep(published(dataset))
    dataset.mixture = [
        {"member": "hard", "where": {"difficulties": [2]}, "weight": 2.0, "cap": None}
    ]
    dataset.save()
    discard_release(release=cut(dataset), person=studio.lead)
    unwanted = keep(cut(dataset))
    dataset.mixture = []
    dataset.save()
    keep(cut(dataset))
    discard_release(release=unwanted, person=studio.lead)
    found.pop(2)
    dataset.selection = {"difficulties": [1, 3]}
    dataset.save()
    gone = Record.objects.filter(pins__split="train", difficulty=1).distinct().first()
    withdraw_record(record_id=gone.record_id, person=studio.lead, reason=Reason.RIGHTS)
    keep(cut(dataset))
    dataset.selection = {}
    dataset.save()
    keep(published(dataset))
    return found


def test_every_release_of_a_history_holds_what_it_was_cut_with(history):
    for release, then in history:
        assert held(release) == then
    assert len({len(then) for _, then in history}) > 2


def test_what_stays_as_it_was_takes_no_row(studio):
    dataset = dataset_of(studio, shares={"train": 1.0})
    for number in range(4):
        written(studio, number)
    first = published(dataset)
    added = written(studio, 4)
    second = cut(dataset)
    assert (first.pins.count(), second.pins.count(), Pin.objects.count()) == (4, 5, 5)
    assert second.pins.get(since=second.pk).record.record_id == added.key


def test_figures_continued_from_the_cut_before_are_those_counted_anew(history):
    for release, _ in history:
        told = release.tally
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("exports.queries.tallies.cut_before", lambda _: None)
            assert queries.tally_of(release) == told
        figures = queries.figures(release)
        records = Record.objects.filter(pk__in=release.pins.values("record"))
        assert figures["records"] == records.count()
        assert figures["writers"] == records.values("author").distinct().count()
        assert figures["groups"] == records.values("group_key").distinct().count()
        assert figures["characters"] == sum(records.values_list("characters", flat=True))
        assert figures["slices"] == counts_by(records, queries.AXES)


def test_shards_named_without_reading_them_have_the_name_that_reading_gives(history):
    for release, _ in history:
        told = list(release.shards.values_list("split", "number", "records", "digest", "key"))
        with pytest.MonkeyPatch.context() as patch, transaction.atomic():
            patch.setattr(queries, "cut_before", lambda _: None)
            copy = Release.objects.get(pk=release.pk)
            names = [
                (each.split, each.number, each.records, each.digest, each.key)
                for each in lay_out.shards_of(copy)
            ]
        assert names == told
    shared = [set(release.shards.values_list("key", flat=True)) for release, _ in history]
    assert any(one & other for one, other in itertools.pairwise(shared))


def test_a_discarded_release_leaves_no_pin(studio):
    dataset = dataset_of(studio, shares={"train": 1.0})
    written(studio, 0)
    discard_release(release=cut(dataset), person=studio.lead)
    assert not Pin.objects.exists()
    written(studio, 1)
    assert cut(dataset).pins.count() == 2


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE exports_pin SET weight = 3",
        "UPDATE exports_pin SET split = 'test'",
        "UPDATE exports_pin SET since = since - 1",
        "UPDATE exports_pin SET until = since + 1",
        "DELETE FROM exports_pin",
        "INSERT INTO exports_pin (dataset_id, record_id, split, ordinal, mixture, weight, since, until)"
        " SELECT dataset_id, record_id, split, ordinal + 50, mixture, weight, since, until FROM exports_pin",
    ],
)
def test_the_database_refuses_to_change_what_a_built_release_holds(studio, change):
    dataset = dataset_of(studio, shares={"train": 1.0})
    written(studio, 0)
    release = published(dataset)
    published(dataset)
    with (
        pytest.raises(IntegrityError, match="a built release never changes"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(change)
    assert held(release) == should_hold(dataset)


def test_rows_of_each_release_become_rows_that_span_them(studio):
    dataset = dataset_of(studio, shares={"train": 1.0})
    for number in range(2):
        written(studio, number)
    freeze_records()
    stays, comes_and_goes = Record.objects.order_by("pk").values_list("pk", flat=True)
    cuts = [
        Release.objects.create(dataset=dataset, major=1, minor=n, patch=0, bump=Bump.MINOR).pk
        for n in range(4)
    ]
    rows = [(cut, stays, 0) for cut in cuts]
    rows += [(cut, comes_and_goes, 1) for cut in (cuts[1], cuts[3])]
    spanned = importlib.import_module("exports.migrations.0009_pins_span_releases").SPANNED
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE exports_releaserecord (release_id bigint, record_id bigint, split text,"
            " ordinal int, mixture jsonb DEFAULT '[]', weight float DEFAULT 1) ON COMMIT DROP"
        )
        cursor.executemany(
            "INSERT INTO exports_releaserecord (release_id, record_id, split, ordinal)"
            " VALUES (%s, %s, 'train', %s)", rows,
        )  # fmt: skip
        cursor.execute(spanned)
    found = list(Pin.objects.order_by("ordinal", "since").values_list("record", "since", "until"))
    assert found == [
        (stays, cuts[0], STANDING),
        (comes_and_goes, cuts[1], cuts[2]),
        (comes_and_goes, cuts[3], STANDING),
    ]


def test_a_shard_without_a_digest_is_read_again(studio, small_shards):
    """As a release has them that was cut by an older version."""
    dataset = dataset_of(studio, shares={"train": 1.0})
    for number in range(3):
        written(studio, number)
    first = cut(dataset)
    keys = list(first.shards.values_list("key", flat=True))
    ReleaseShard.objects.update(digest="")
    Release.objects.update(tally={})
    second = cut(dataset)
    assert list(second.shards.values_list("key", flat=True)) == keys
    assert second.tally == first.tally
