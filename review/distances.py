"""How far approved texts are from what was first handed in: the figure, and the approvals behind each bar."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from urllib.parse import urlencode

from annotation.enums import TaskState
from annotation.models import Revision, Task
from review.diff import distance

# Texts are compared for this many newest approvals: enough for a distribution, and a page opens at once.
NEWEST_COMPARED = 500


@dataclass(frozen=True)
class Distances:
    """How far approved texts are from what was first handed in: `bars` is [(in words, count, rows)]."""

    compared: int
    median: float | None
    bars: Sequence[tuple[str, int, str]]


EDGES = (0.0, 0.0001, 0.05, 0.1, 0.25, 0.5, 1.01)


def distances_in(projects: Sequence[int]) -> Distances:
    """Share of words that differ between first and approved revision, over the newest approvals."""
    measured = sorted(found for _, found in measured_distances(projects))
    bars = [
        (
            f"{low * 100:.0f} to {min(high, 1.0) * 100:.0f} %" if low else "none",
            sum(low <= found < high for found in measured),
            urlencode({"from": low, "to": high}),
        )
        for low, high in pairwise(EDGES)
    ]
    middle = measured[len(measured) // 2] if measured else None
    return Distances(len(measured), middle, bars)


def measured_distances(projects: Sequence[int]) -> list[tuple[Task, float]]:
    """(task, distance) of the newest approvals, newest first."""
    approved = (
        Task.objects.filter(project__in=projects, state=TaskState.APPROVED)
        .select_related("current_revision", "instruction", "project")
        .order_by("-state_since")[:NEWEST_COMPARED]
    )
    tasks = list(approved)
    first = {
        revision.task_id: revision
        for revision in Revision.objects.filter(task__in=[task.pk for task in tasks], number=1)
    }
    return [
        (task, _distance(first.get(task.pk), task.current_revision))
        for task in tasks
        if task.current_revision
    ]


def _distance(first: Revision | None, last: Revision) -> float:
    return 0.0 if first is None or first.pk == last.pk else distance(first.text, last.text)
