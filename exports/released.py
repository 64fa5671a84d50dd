"""What parts below ask about releases; they learn of it by registering, because imports go down only."""

from collections.abc import Sequence

from exports.enums import ReleaseState
from exports.models import ReleaseRecord


def released_tasks(tasks: Sequence[int]) -> set[int]:
    """Which of these tasks have a record in a published release."""
    pins = ReleaseRecord.objects.filter(
        record__task__in=tasks, release__state=ReleaseState.PUBLISHED
    )
    return set(pins.values_list("record__task", flat=True))
