"""Lock what a verb of the reviewing side touches: the task first, then its seats."""

import json
from collections.abc import Sequence
from typing import Any

from annotation.models import ProjectVersion, Revision, Task
from lib.prepared import prepared
from review.errors import NoSeatHere
from review.models import Seat
from review.services.open_seats import seats_on

_TASK = [field.attname for field in Task._meta.concrete_fields]  # noqa: SLF001  (public in all but name)

# Said in SQL because every verdict asks it: building the query anew, and a row with every text of three tables, costs
# more than the answer. What is not asked for here, like the texts, is read when somebody wants it.
_LOCK = f"""
SELECT {", ".join(f"task.{name}" for name in _TASK)}, revision.number, revision.sources::text,
  version.id, version.number, version.rubrics::text,
  version.pipeline::text, version.settings::text
FROM annotation_task task
LEFT JOIN annotation_revision revision ON revision.id = task.current_revision_id
LEFT JOIN annotation_projectversion version ON version.id = revision.project_version_id
WHERE task.id = (SELECT task_id FROM review_seat WHERE id = %s)
FOR UPDATE OF task
"""


def lock_seat(seat_id: int) -> tuple[Task, Seat]:
    """Task and seat, locked in the order that every verb keeps: the task first, then its seats.

    Raises NoSeatHere where there is no such seat.
    """
    with prepared() as cursor:
        cursor.execute(_LOCK, [seat_id])
        row = cursor.fetchone()
    if row is None:
        raise NoSeatHere
    task = _task(row[: len(_TASK)], *row[len(_TASK) :])
    seat = next(each for each in seats_on(task) if each.pk == seat_id)
    _share(task, seat)
    return task, seat


def _task(own: Sequence[Any], *revision: Any) -> Task:
    """One row of _LOCK: the task with its revision."""
    task = Task.from_db("default", _TASK, own)
    if task.current_revision_id is not None:
        task.current_revision = _revision(task, *revision)
    return task


def _revision(
    task: Task, number: int, sources: str, version: int, edition: int, *spec: str
) -> Revision:
    revision = Revision.from_db(
        "default",
        ["id", "task_id", "number", "project_version_id", "sources"],
        [task.current_revision_id, task.pk, number, version, json.loads(sources)],
    )
    revision.project_version = ProjectVersion.from_db(
        "default",
        ["id", "project_id", "number", "rubrics", "pipeline", "settings"],
        [version, task.project_id, edition, *map(json.loads, spec)],
    )
    return revision


def _share(task: Task, seat: Seat) -> None:
    """Let the seat know what was read with its task, so that nothing is read twice."""
    if task.current_revision is not None and task.current_revision_id == seat.revision_id:
        seat.revision = task.current_revision
