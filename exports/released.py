"""What parts below ask about releases; they learn of it by registering, because imports go down only."""

from collections.abc import Sequence

from django.db.models import Exists, OuterRef

from exports.enums import ReleaseState
from exports.models import Pin, Release


def released_tasks(tasks: Sequence[int]) -> set[int]:
    """Which of these tasks have a record in a published release."""
    holding = Release.objects.filter(
        state=ReleaseState.PUBLISHED,
        dataset=OuterRef("dataset"),
        pk__gte=OuterRef("since"),
        pk__lt=OuterRef("until"),
    )
    pins = Pin.objects.filter(Exists(holding), record__task__in=tasks)
    return set(pins.values_list("record__task", flat=True))
