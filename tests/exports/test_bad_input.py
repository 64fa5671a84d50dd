"""What cannot be built is said in plain words, and the release stays as it was."""

from contextlib import contextmanager

import pytest

from exports import queries, store
from exports.enums import Bump, ReleaseState
from exports.errors import BadName, EmptySelection, EmptySide, NoWeight
from exports.models import Release, ReleaseFile, Shard
from exports.services import build_shard
from exports.services.build import build_here, start_build
from exports.services.cut import cut_release
from exports.services.datasets import edit_dataset
from exports.services.deliver import write_directory
from exports.services.freeze import freeze_records
from exports.services.publish import publish_release
from lib.errors import Invalid
from tests.factories.exports import approved, dataset_of

pytestmark = pytest.mark.django_db
ALL = {"train": 1.0, "validation": 0.0, "test": 0.0, "held_out": 0.0}


def test_an_empty_selection(studio):
    approved(studio)
    dataset = dataset_of(studio, selection={"languages": ["xx"]})
    with pytest.raises(EmptySelection, match="nothing to release"):
        cut_release(dataset=dataset, bump=Bump.MAJOR, person=None)
    assert not dataset.releases.exists()


def test_a_side_left_empty_names_it_and_says_what_to_do(studio):
    approved(studio)
    with pytest.raises(EmptySide, match="validation and test part would be empty") as refused:
        cut_release(dataset=dataset_of(studio), bump=Bump.MAJOR, person=None)
    assert "share" in refused.value.advice
    assert not Release.objects.exists()


@pytest.mark.parametrize("weight", [0, -1, float("inf"), float("nan")])
def test_a_weight_that_is_none(studio, weight):
    dataset = dataset_of(studio)
    with pytest.raises(NoWeight):
        edit_dataset(
            dataset=dataset, person=studio.lead, mixture=[{"member": "all", "weight": weight}]
        )
    dataset.refresh_from_db()
    assert dataset.mixture == []


@pytest.mark.parametrize("slug", ["../etc", "a/b", ".", "", "con nul", "new", "-x", "ä"])
def test_a_name_that_is_a_path(studio, slug):
    with pytest.raises(BadName):
        dataset_of(studio, slug=slug)


def test_shares_formats_and_targets_that_are_none(studio):
    for settings in (
        {"shares": {"train": 0.5}},
        {"formats": ["docx"]},
        {"coverage_targets": {"domain": {"medicine": 0}}},
        {"selection": {"approved_from": "yesterday"}},
    ):
        with pytest.raises(Invalid):
            dataset_of(studio, **settings)


def test_a_record_over_the_limit_is_held_back_whole(studio):
    approved(studio, "A short answer.")
    approved(studio, "A long answer. " * 200)
    freeze_records()
    dataset = dataset_of(studio, shares=ALL, selection={"most_characters": 1000})
    assert queries.counted(dataset).exclusions == {"too_long": 1}
    (row,) = queries.excluded(dataset)
    assert row.reason == "too_long"


def test_a_full_disk_stops_the_build_and_keeps_what_was_there(studio, monkeypatch, tmp_path):
    approved(studio)
    dataset = dataset_of(studio, shares=ALL)
    first = build_here(release=cut_release(dataset=dataset, bump=Bump.MAJOR, person=None))
    first = publish_release(release=first, person=None)
    approved(studio, "An answer that came later, on a disk that was full.")
    second = cut_release(dataset=dataset, bump=Bump.MINOR, person=None)
    shards, files = Shard.objects.count(), ReleaseFile.objects.count()
    before = write_directory(release=first, target=tmp_path / "before")

    @contextmanager
    def full_disk():
        with workspace() as folder:
            (folder / "openai").symlink_to("/dev/full")
            yield folder

    workspace = store.workspace
    monkeypatch.setattr(build_shard.store, "workspace", full_disk)
    with pytest.raises(OSError, match="No space left"):
        build_here(release=second)
    second.refresh_from_db()
    assert second.state == ReleaseState.FAILED
    assert "No space left on device" in second.problem and "Free some space" in second.problem
    assert (Shard.objects.count(), ReleaseFile.objects.count()) == (shards, files)
    assert queries.newest_release(dataset) == first
    after = write_directory(release=first, target=tmp_path / "after")
    assert (after / "manifest.json").read_bytes() == (before / "manifest.json").read_bytes()
    monkeypatch.setattr(build_shard.store, "workspace", workspace)
    build_here(release=second)
    assert publish_release(release=second, person=None).state == ReleaseState.PUBLISHED


@pytest.mark.parametrize("role", ["records", "openai", "llamafactory"])
def test_a_piece_that_the_store_lost_is_built_again(studio, role):
    approved(studio)
    dataset = dataset_of(studio, shares=ALL)
    first = build_here(release=cut_release(dataset=dataset, bump=Bump.MAJOR, person=None))
    publish_release(release=first, person=None)
    second = cut_release(dataset=dataset, bump=Bump.MAJOR, person=None)
    lost = Shard.objects.get().parts[role]["sha256"]
    store.remove(lost)
    assert build_here(release=second).state == ReleaseState.READY
    assert store.holds(lost)


def test_starting_what_is_published_is_refused(studio):
    approved(studio)
    release = build_here(
        release=cut_release(dataset=dataset_of(studio, shares=ALL), bump=Bump.MAJOR, person=None)
    )
    publish_release(release=release, person=None)
    with pytest.raises(Exception, match="published"):
        start_build(release=release, person=None)
    release.refresh_from_db()
    assert release.state == ReleaseState.PUBLISHED
