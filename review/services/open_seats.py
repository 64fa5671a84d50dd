"""Open, reserve and close the seats of a task as it moves."""

from django.utils import timezone

from annotation.models import Task
from lib.machine import Move
from review.enums import SeatState
from review.models import Seat
from review.stages import Stage, by_state


def follow_move(task: Task, move: Move) -> None:
    """Keep the seats in step with the task, inside the transaction of its move."""
    left, entered = by_state(move.source), by_state(move.target)
    if left is not None:
        _close(task, left)
    if entered is not None:
        _open(task, entered)


def seats_wanted(task: Task, stage: Stage) -> int:
    """How many people judge in this stage, by the project version the revision was written under."""
    assert task.current_revision is not None
    pipeline = task.current_revision.project_version.pipeline
    return next((int(step["seats"]) for step in pipeline if step["stage"] == stage.slug), 1)


def _close(task: Task, stage: Stage) -> None:
    unfinished = Seat.objects.filter(task=task, stage=stage.slug).exclude(state=SeatState.DECIDED)
    unfinished.filter(reviewer=None).update(state=SeatState.CLOSED)
    # A seat that somebody held stays theirs: should the task come back, they are asked first.
    unfinished.exclude(reviewer=None).update(state=SeatState.CLOSED, leased_until=None)


def _open(task: Task, stage: Stage) -> None:
    revision = task.current_revision
    kept = {seat.number: seat for seat in Seat.objects.select_for_update().filter(task=task, stage=stage.slug)}
    for number in range(1, seats_wanted(task, stage) + 1):
        seat = kept.get(number) or Seat(task=task, stage=stage.slug, number=number, round=0)
        seat.round += 1
        seat.revision = revision  # type: ignore[assignment]
        seat.project_id, seat.domain_id = task.project_id, task.domain_id
        seat.author_id = task.author_id  # type: ignore[assignment]
        seat.priority = task.priority
        seat.opened_at = timezone.now()
        seat.state = SeatState.OPEN if seat.reviewer_id is None else SeatState.RESERVED
        seat.leased_until = None
        seat.draft = {}
        seat.save()
