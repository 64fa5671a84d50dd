"""The records of a release, one by one."""

from collections.abc import Mapping
from uuid import UUID

from django.db.models import QuerySet
from django.db.models.functions import Mod

from experts.models import User
from exports.models import Pin, Record, Release
from exports.queries.datasets import datasets_seen_by
from exports.queries.holding import holds
from exports.queries.releases import UP_TO_DATE
from exports.queries.selecting import AXES
from exports.queries.spelling import spelling_records
from exports.records import Record as CanonicalRecord
from exports.records import released

PIN_FILTERS = ("split", *AXES, "spells")


def sample_of(release: Release, most: int, wanted: str = "") -> list[CanonicalRecord]:
    """Up to `most` records of a release as they ship, the wanted one or the first in front.

    Of more than that: the longest, which alone a limit can cut, and as many spread evenly.
    """
    pins = release.pins.select_related("record").order_by("split", "ordinal")
    first = pin_named(release, wanted) or pins.first()
    if first is None:
        return []
    others = pins.exclude(pk=first.pk)
    total, half = others.count(), (most - 1) // 2
    if total < most:
        rest = list(others[: most - 1])
    elif half:
        longest = list(others.order_by("-record__characters", "pk")[:half])
        spread = others.exclude(pk__in=[pin.pk for pin in longest])
        step = -(-total // half)
        rest = [*longest, *spread.alias(turn=Mod("ordinal", step)).filter(turn=0)[:half]]
    else:
        rest = []
    return [as_shipped(pin) for pin in (first, *rest)]


def as_shipped(pin: Pin) -> CanonicalRecord:
    """A pinned record as the release carries it, preference pairs aside."""
    return CanonicalRecord(
        released(pin.record.data, split=pin.split, mixture=pin.mixture, sample_weight=pin.weight)
    )


def pins_among(release: Release, asked: Mapping[str, str]) -> QuerySet[Pin]:
    """The release's records in file order, those of a split or of slices (PIN_FILTERS) where asked for."""
    chosen = {f"record__{axis}": asked[axis] for axis in AXES if axis in asked}
    if "difficulty" in asked and not asked["difficulty"].isdecimal():
        return release.pins.none()
    found = release.pins.filter(**chosen).order_by("split", "ordinal")
    found = found.filter(split=asked["split"]) if "split" in asked else found
    if "spells" in asked:
        found = found.filter(record__in=spelling_records(asked["spells"]).values("record"))
    return found.select_related("record__task__instruction", "record__author")


def pin_named(release: Release, record_id: str) -> Pin | None:
    """A record of the release by its id; None where it has no such one."""
    if not _is_uuid(record_id):
        return None
    found = release.pins.select_related(
        "record__task__instruction", "record__project", "record__author"
    )
    return found.filter(record__record_id=record_id).first()


def releases_with(record: Record, person: User) -> list[Release]:
    """The published releases that carry this revision of a record and that this person may see, oldest first."""
    found = Release.objects.filter(
        holds(record=record), state__in=UP_TO_DATE, dataset__in=datasets_seen_by(person)
    )
    return list(found.select_related("dataset").order_by("pk"))


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
