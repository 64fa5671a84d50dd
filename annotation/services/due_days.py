"""The day by which responses are wanted: set by leads, for one task, some, or all that a list holds; writers are
reminded of it."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from annotation.due import FINISHED, day_of, days_left, end_of, in_words
from annotation.enums import AssignmentState, TaskState
from annotation.models import Assignment, Task
from annotation.overview import tasks_in
from audit.services import record
from experts.enums import NotificationKind, Role
from experts.models import Project, User
from experts.rules import hold_role, require_at_work
from experts.services.notify import notify
from lib.errors import Invalid

# So many in one go take seconds. Who wants more narrows the list.
MOST = 50_000
# Few enough that whoever asks for a task finds others beside those that are locked.
_CHUNK = 100
# Writers hear of a day so long before it, and of one that is over no later than this.
DAYS_BEFORE = 2
_LATEST = timedelta(days=30)


def set_due_day(
    *,
    project: Project,
    actor: User,
    day: date | None,
    tasks: Iterable[int] | None = None,
    chosen: Mapping[str, str] | None = None,
) -> int:
    """Want the unfinished ones of `tasks` (keys), or of all that fit the filters `chosen`, by `day`; None takes
    their day away. Returns how many. Chunk after chunk, each in a transaction of its own, so that claims go on
    meanwhile; cut off half way, it is asked for again.

    Raises NotAllowed, ProjectArchived, or Invalid for a day that is over and where nothing or too much is meant.
    """
    hold_role.require(actor, project, Role.LEAD)
    require_at_work(project.pk)
    if day is not None and end_of(day) <= timezone.now():
        raise Invalid("That day is over.", advice="Choose today or a later day.")
    keys = None if tasks is None else sorted(set(tasks))
    meant = _meant(project, keys, chosen or {}).order_by("pk").values_list("pk", flat=True)
    # Read once: what fits filters about days changes with the days.
    found = list(meant[: MOST + 1])
    if not found:
        raise Invalid(
            "There is no unfinished task among these.",
            advice="Tick some that are not finished, or change the filters.",
        )
    if len(found) > MOST:
        raise Invalid(
            f"These are more than {MOST:,} tasks.",
            advice="Narrow the list, by field or by the file they came in with, and do it in parts.",
        )
    _put_on_record(project, actor, day, len(found), keys, chosen or {})
    for at in range(0, len(found), _CHUNK):
        _set_chunk(found[at : at + _CHUNK], day)
    return len(found)


def _put_on_record(
    project: Project,
    actor: User,
    day: date | None,
    count: int,
    keys: list[int] | None,
    chosen: Mapping[str, str],
) -> None:
    """One event for all of them; that of a single task stands in its story."""
    alone = keys is not None and len(keys) == 1
    facts: dict[str, Any] = {"day": day.isoformat() if day else "none"}
    if not alone:
        facts["tasks"] = count
        facts |= {"keys": keys} if keys else {"chosen": {k: v for k, v in chosen.items() if v}}
    record(
        verb="annotation.due_day_set",
        actor=actor,
        target=Task.objects.get(project=project, pk=keys[0]) if keys and alone else project,
        project_id=project.pk,
        **facts,
    )


def _meant(
    project: Project, keys: list[int] | None, chosen: Mapping[str, str]
) -> models.QuerySet[Task]:
    found = tasks_in(project, chosen) if keys is None else tasks_in(project, {}).filter(pk__in=keys)
    return found.exclude(state__in=FINISHED)


@transaction.atomic
def _set_chunk(keys: list[int], day: date | None) -> None:
    """Give these their day, but for those that were finished in the meantime or have it already."""
    moment = end_of(day) if day else None
    other = Q(due_at__isnull=True) | ~Q(due_at=moment) if moment else Q(due_at__isnull=False)
    changing = Task.objects.filter(other, pk__in=keys).exclude(state__in=FINISHED).order_by("pk")
    locked = list(
        changing.select_for_update(of=("self",), no_key=True).values_list("pk", flat=True)
    )
    Task.objects.filter(pk__in=locked).update(due_at=moment)
    if day is not None:
        _tell_writers(locked, day)


def _tell_writers(tasks: list[int], day: date) -> None:
    """Whoever has one of these in hand hears of its day."""
    held = Assignment.objects.filter(task__in=tasks, state=AssignmentState.LIVE)
    for assignment in held.select_related("expert", "task__instruction"):
        notify(
            person=assignment.expert,
            kind=NotificationKind.DUE,
            key=f"task-{assignment.task_id}-due-{day}-set-{assignment.pk}",
            title=f"What you are writing is due on {in_words(day)}",
            body=assignment.task.instruction.title,
            url=reverse("write:task", args=[assignment.task_id]),
        )


def remind_of_due_days() -> int:
    """Tell writers two days ahead, and once when the day is over, of what they are writing and of what came
    back to them; returns how many were told now. On a run that was missed the next one tells the nearest mark.
    """
    now = timezone.now()
    in_hand = Q(state=AssignmentState.LIVE) | Q(
        state=AssignmentState.SUBMITTED, task__state=TaskState.CHANGES_REQUESTED
    )
    wanted = (
        Assignment.objects.filter(
            in_hand,
            task__project__archived_at=None,
            task__due_at__gt=now - _LATEST,
            task__due_at__lte=now + timedelta(days=DAYS_BEFORE + 2),
        )
        .select_related("expert", "task__instruction")
        .order_by("task__due_at", "pk")
    )
    return sum(_remind(assignment) for assignment in wanted)


def _remind(assignment: Assignment) -> bool:
    due_at = assignment.task.due_at
    assert due_at is not None
    left, day = days_left(due_at), day_of(due_at)
    if left > DAYS_BEFORE:
        return False
    said = in_words(day)
    told = notify(
        person=assignment.expert,
        kind=NotificationKind.DUE,
        key=f"task-{assignment.task_id}-due-{day}-{'over' if left < 0 else 'near'}",
        title=f"A response of yours was due on {said}"
        if left < 0
        else f"A response of yours is due on {said}",
        body=assignment.task.instruction.title,
        url=reverse("write:task", args=[assignment.task_id]),
    )
    return told is not None
