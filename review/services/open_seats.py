"""Open, reserve and close the seats of a task as it moves."""

import json
from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from annotation.models import Task
from lib.machine import Move
from lib.prepared import prepared
from review.enums import SeatState
from review.models import Seat
from review.pipeline import Step, seats_for, steps_in
from review.stages import Stage, in_state


def follow_move(task: Task, move: Move) -> None:
    """Keep the seats in step with the task, inside the transaction of its move."""
    if move.source == move.target:
        return
    left, entered = in_state(move.source), steps_for(task, move.target)
    if left:
        _close(task, left)
    if entered:
        open_step(task, entered[0])


_SEAT = [field.attname for field in Seat._meta.concrete_fields]  # noqa: SLF001  (public in all but name)
# Said in SQL because every verdict asks it: building the query anew costs more than its answer.
_SEATS = f"SELECT {', '.join(_SEAT)} FROM review_seat WHERE task_id = %s ORDER BY id FOR UPDATE"


def seats_on(task: Task) -> list[Seat]:
    """The seats of a locked task, locked with it, read once for all that one transaction does to them."""
    found: list[Seat] | None = vars(task).get("seats_read")
    if found is None:
        with prepared() as cursor:
            cursor.execute(_SEATS, [task.pk])
            found = vars(task)["seats_read"] = [_seat(task, row) for row in cursor.fetchall()]
    return found


def _seat(task: Task, row: Sequence[Any]) -> Seat:
    seat = Seat.from_db("default", _SEAT, row)
    seat.task, seat.draft, seat.pending = task, json.loads(seat.draft), json.loads(seat.pending)
    return seat


def steps_for(task: Task, state: str) -> list[Step]:
    """The steps of this task in one state, by the project version its revision was written under."""
    stages = in_state(state)
    if not stages or task.current_revision is None:
        return []
    steps = steps_in(task.current_revision.project_version.pipeline, state)
    # Adjudication is in no pipeline: it opens when people differ.
    return steps or [Step(stage=stages[0])]


def next_step(task: Task, stage: Stage) -> Step | None:
    """The step that follows `stage` before the task leaves its state, if any."""
    steps = steps_for(task, stage.state)
    slugs = [step.stage.slug for step in steps]
    later = slugs.index(stage.slug) + 1 if stage.slug in slugs else len(slugs)
    return steps[later] if later < len(steps) else None


def open_step(task: Task, step: Step) -> None:
    """Open the seats of one step for the task's current revision; known reviewers are asked first."""
    stage = step.stage
    kept = {seat.number: seat for seat in seats_on(task) if seat.stage == stage.slug}
    tags = task.instruction.tags if step.seats > 1 else ()
    wanted = seats_for(step, key=task.key.hex, difficulty=task.difficulty, tags=tags)
    for number in range(1, wanted + 1):
        _open(kept.get(number) or Seat(task=task, stage=stage.slug, number=number, round=0), task)


def _open(seat: Seat, task: Task) -> None:
    seat.round += 1
    seat.revision = task.current_revision  # type: ignore[assignment]
    seat.project_id, seat.domain_id = task.project_id, task.domain_id
    seat.author_id = task.author_id  # type: ignore[assignment]
    seat.priority = task.priority
    seat.opened_at = timezone.now()
    seat.state = SeatState.OPEN if seat.reviewer_id is None else SeatState.RESERVED
    seat.leased_until = seat.settles_at = seat.put_aside_at = None
    seat.draft, seat.pending = {}, {}
    seat.save()


def _close(task: Task, stages: list[Stage]) -> None:
    """Seats nobody sits in any more. One that somebody held stays theirs: they are asked first next time."""
    slugs = {stage.slug for stage in stages}
    over = {SeatState.DECIDED, SeatState.CLOSED}
    for seat in seats_on(task):
        if seat.stage in slugs and seat.state not in over:
            seat.state, seat.leased_until, seat.settles_at = SeatState.CLOSED, None, None
            seat.save(update_fields=["state", "leased_until", "settles_at"])
