"""Counting what a release holds, as what differs from the release before it."""

from typing import Any

from django.db.models import Count, QuerySet, Sum

from exports import tally
from exports.models import Pin, Release
from exports.queries.releases import in_order
from exports.queries.selecting import AXES, counts_by
from exports.tally import Tally

_COLUMNS = {
    "split": "split",
    **{axis: f"record__{axis}" for axis in AXES},
    **{flag: f"record__has_{flag}" for flag in tally.FLAGS},
    "licence": "record__licence",
    "author": "record__author",
    "approved_on": "record__approved_at__date",
    "checks": "record__checks",
    "project_version": "record__revision__project_version",
}


def cut_before(release: Release) -> Release | None:
    """The release of the data set that was cut last before this one and was counted, published or not."""
    earlier = release.dataset.releases.filter(pk__lt=release.pk).order_by("-pk").first()
    return earlier if earlier and earlier.tally else None


def tally_of(release: Release) -> Tally:
    """What the release holds, counted by what began and ended since the cut before it."""
    base = cut_before(release)
    if base is None:
        return tally.continued({}, _counted(release.pins), {})
    begun = release.pins.exclude(since__lte=base.pk)
    ended = base.pins.filter(until__lte=release.pk)
    return tally.continued(base.tally, _counted(begun), _counted(ended))


def _counted(pins: QuerySet[Pin]) -> Tally:
    counts = counts_by(pins, list(_COLUMNS.values()))
    characters = pins.aggregate(sum=Sum("record__characters"))["sum"]
    return {name: counts[column] for name, column in _COLUMNS.items()} | {
        "characters": {"all": characters or 0}
    }


def figures(release: Release) -> dict[str, Any]:
    """Every figure of a release that its pages and papers tell."""
    counts = release.tally
    groups = release.pins.aggregate(n=Count("record__group_key", distinct=True))["n"]
    return {
        "records": sum(counts["split"].values()),
        "writers": len(counts["author"]),
        "characters": counts["characters"]["all"],
        "groups": groups,
        "splits": in_order(counts["split"]),
        "slices": {axis: counts[axis] for axis in AXES},
        "licences": counts["licence"],
        "checks": tally.check_versions(counts),
        "approved_first": min(counts["approved_on"]),
        "approved_last": max(counts["approved_on"]),
    }
