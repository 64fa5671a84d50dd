"""What a release holds, for SQL and for conditions on releases; one by one see Release.pins."""

from typing import Any

from django.db.models import Exists, OuterRef

from exports.models import Pin, Release

HELD = "pin.dataset_id = %(dataset)s AND pin.since <= %(release)s AND pin.until > %(release)s"
"""SQL: the rows of exports_pin, as `pin`, that a release holds. Takes the parameters of `held_by`."""


def held_by(release: Release) -> dict[str, Any]:
    """The parameters of HELD."""
    return {"dataset": release.dataset_id, "release": release.pk}


def holds(**which: Any) -> Exists:
    """The condition on releases that they hold such a pin."""
    pins = Pin.objects.filter(
        dataset=OuterRef("dataset"), since__lte=OuterRef("pk"), until__gt=OuterRef("pk"), **which
    )
    return Exists(pins)
