"""Dates and words of people take effect: tombstones, advisories, pairs."""

from datetime import date, timedelta

import orjson
import pytest
from django.utils import timezone

from annotation.enums import TaskState
from audit.models import Event
from exports import queries
from exports.enums import Bump, Reason
from exports.models import Alternative, PairConsent, Record, Release, Withdrawal
from exports.services.build import build_here
from exports.services.cut import cut_release
from exports.services.deliver import write_directory
from exports.services.freeze import freeze_records
from exports.services.pair_consent import say_of_pairs
from exports.services.publish import publish_release
from exports.services.withdraw import end_retention, withdraw_contributor
from exports.tasks import end_retention as by_the_clock
from tests.factories.exports import approved, dataset_of

pytestmark = pytest.mark.django_db
SHARES = {"train": 1.0, "validation": 0.0, "test": 0.0, "held_out": 0.0}


def released(dataset, bump=Bump.MAJOR):
    release = build_here(release=cut_release(dataset=dataset, bump=bump, person=None))
    return publish_release(release=release, person=None)


def test_a_record_leaves_the_day_after_its_date(studio):
    last = timezone.now().date() + timedelta(days=30)
    kept = approved(studio, "An answer that stays for good.")
    ending = approved(
        studio, "An answer kept for a month.", rights={"retention_until": last.isoformat()}
    )
    dataset = dataset_of(studio, shares=SHARES)
    first = released(dataset)
    assert end_retention(on=last) == 0
    assert end_retention(on=last + timedelta(days=1)) == 1
    assert end_retention(on=last + timedelta(days=1)) == 0
    ending.refresh_from_db()
    tombstone = Withdrawal.objects.get()
    assert (tombstone.record_id, tombstone.reason, tombstone.by) == (
        ending.key,
        Reason.RETENTION,
        None,
    )
    assert ending.state == TaskState.WITHDRAWN
    assert Event.objects.filter(verb="exports.record_withdrawn").count() == 1
    assert "its retention date has passed" in Release.objects.get(pk=first.pk).advisory
    second = released(dataset)
    assert list(second.pins.values_list("record__record_id", flat=True)) == [kept.key]
    assert second.snapshot["removed"] == {"retention": 1}


def test_the_clock_ends_what_is_over(studio):
    approved(studio, rights={"retention_until": "2001-02-03"})
    freeze_records()
    by_the_clock()
    assert Withdrawal.objects.get().reason == Reason.RETENTION


def test_a_date_that_is_over_keeps_a_record_out_before_the_clock_strikes(studio):
    approved(studio, rights={"retention_until": "2001-02-03"})
    approved(studio, "Another one that stays.")
    dataset = dataset_of(studio, shares=SHARES)
    freeze_records()
    assert queries.counted(dataset).exclusions == {"retention": 1}


@pytest.fixture
def paired(studio):
    """A record with an earlier text beside it, written by the studio's writer."""
    approved(
        studio, "The approved answer about doses, long enough to be compared with another one."
    )
    freeze_records()
    record = Record.objects.get()
    data = {
        "messages": [
            {
                "id": "m2", "role": "assistant", "train": True, "weight": 1,
                "parts": [{"type": "text", "text": "The earlier answer about doses."}],
            }
        ],
        "verdict": "request_changes", "reason": "accuracy", "pair_kind": "revision",
    }  # fmt: skip
    Alternative.objects.create(
        record=record, revision=record.revision, data=orjson.dumps(data).decode()
    )
    return dataset_of(studio, shares=SHARES, preference_pairs=True)


def pairs_in(release):
    report = {row["slug"]: row["records"] for row in queries.report_of(release)}
    return report["dpo"]


def test_pairs_travel_with_the_word_of_their_author_alone(paired, studio):
    assert pairs_in(released(paired)) == 0
    assert queries.pair_texts(paired) == {"found": 1, "allowed": 0}
    say_of_pairs(person=studio.writer, allowed=True)
    assert pairs_in(released(paired, Bump.MINOR)) == 1
    say_of_pairs(person=studio.writer, allowed=False)
    assert pairs_in(released(paired, Bump.MINOR)) == 0


def test_a_word_given_later_changes_no_rebuild(paired, studio, tmp_path):
    from exports.services.deliver import rebuild_directory

    say_of_pairs(person=studio.writer, allowed=True)
    release = released(paired)
    say_of_pairs(person=studio.writer, allowed=False)
    one = write_directory(release=release, target=tmp_path / "one")
    other = rebuild_directory(release=release, target=tmp_path / "other")
    assert "earlier answer" in (other / "formats/dpo/train.jsonl").read_text()
    assert (one / "manifest.json").read_bytes() == (other / "manifest.json").read_bytes()


def test_whoever_withdraws_consent_takes_back_pairs_too(paired, studio):
    say_of_pairs(person=studio.writer, allowed=True)
    withdraw_contributor(contributor=studio.writer, person=studio.lead)
    assert not queries.pairs_allowed_by(studio.writer)


def test_the_page_takes_and_shows_ones_own_word(paired, studio, client):
    client.force_login(studio.writer)
    assert "They stay here" in client.get("/datasets/earlier-texts/").content.decode()
    client.post("/datasets/earlier-texts/", {"allowed": "yes"})
    assert "They may travel" in client.get("/datasets/earlier-texts/").content.decode()
    assert PairConsent.objects.get().allowed


def test_pinned_checks_leave_out_what_other_versions_looked_at(studio):
    approved(studio)
    freeze_records()
    dataset = dataset_of(studio, shares=SHARES, pinned_checks={"secret": "999"})
    assert queries.counted(dataset).exclusions == {"checks": 1}
    dataset.pinned_checks = {"secret": Record.objects.get().checks["secret"]}
    assert queries.counted(dataset).exclusions == {}


def test_retention_ahead_is_told(studio):
    approved(studio, rights={"retention_until": "2999-01-01"})
    freeze_records()
    (row,) = queries.retention_ahead()
    assert (row["until"], row["n"]) == (date(2999, 1, 1), 1)


def test_only_chosen_formats_are_written(studio, tmp_path):
    approved(studio)
    dataset = dataset_of(studio, shares=SHARES, formats=["openai", "csv"])
    target = write_directory(release=released(dataset), target=tmp_path / "out")
    assert sorted(p.name for p in (target / "formats").iterdir() if p.is_dir()) == ["csv", "openai"]
