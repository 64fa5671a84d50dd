"""Give a task back: skipped by its writer, lapsed by the clock, closed because its instruction was dropped.
The draft stays with its author."""

from collections.abc import Collection

from django.db import transaction
from django.utils import timezone

from annotation.enums import AssignmentState, ClosingReason, SkipReason, TaskState
from annotation.errors import LeaseLost, NotYourTask, ReasonMissing
from annotation.models import Assignment, Task
from annotation.services.move import lock_task, move_task
from experts.models import User


@transaction.atomic
def skip_task(*, person: User, task_id: int, reason: str, note: str = "") -> Assignment:
    """Pass a task on, with a reason that is never held against anybody."""
    if reason not in SkipReason.values:
        raise ReasonMissing(
            "Please say why you pass this task on.", advice="Choose one of the reasons."
        )
    task = lock_task(task_id)
    assignment = Assignment.objects.select_for_update().filter(task=task, expert=person).first()
    if assignment is None:
        raise NotYourTask
    if assignment.state != AssignmentState.LIVE:
        raise LeaseLost
    move_task(task=task, verb="skip", actor=person, reason=reason, note=note)
    return _end(assignment, AssignmentState.SKIPPED, reason=reason, note=note)


def lapse_leases(*, limit: int = 500) -> int:
    """Take back tasks whose lease ran out; returns how many. Safe to run beside itself."""
    overdue = Assignment.objects.filter(
        state=AssignmentState.LIVE, leased_until__lt=timezone.now()
    ).values_list("pk", "task_id")[:limit]
    return sum(_lapse(assignment_id=pk, task_id=task_id) for pk, task_id in overdue)


@transaction.atomic
def _lapse(*, assignment_id: int, task_id: int) -> bool:
    task = lock_task(task_id)
    assignment = Assignment.objects.select_for_update().get(pk=assignment_id)
    # Between the look and the lock the writer may have saved, which renews the lease.
    if assignment.state != AssignmentState.LIVE or assignment.leased_until >= timezone.now():
        return False
    move_task(task=task, verb="lapse", actor=None, expert=assignment.expert_id)
    _end(assignment, AssignmentState.LAPSED)
    return True


@transaction.atomic
def give_back_all(*, person: User) -> int:
    """Take back whatever somebody is writing or should write again, because they leave for good; returns how many."""
    held = Assignment.objects.filter(expert=person, state=AssignmentState.LIVE).order_by("task_id")
    for assignment in held:
        task = lock_task(assignment.task_id)
        move_task(task=task, verb="lapse", actor=None, expert=person.pk)
        _end(assignment, AssignmentState.LAPSED)
    returned = Task.objects.filter(author=person, state=TaskState.CHANGES_REQUESTED)
    waiting = list(returned.order_by("pk").values_list("pk", flat=True))
    for pk in waiting:
        give_back(task=lock_task(pk), actor=None)
    return len(held) + len(waiting)


@transaction.atomic
def give_back(*, task: Task, actor: User | None) -> None:
    """Put locked work that reviewers returned back into the queue: its author does not come back to it.

    The author is told and keeps the draft; the revisions handed in so far stay on record.
    """
    author = task.author_id
    move_task(task=task, verb="resume", actor=actor)
    move_task(task=task, verb="lapse", actor=actor, expert=author)
    for assignment in Assignment.objects.select_for_update().filter(task=task, expert=author):
        _end(assignment, AssignmentState.LAPSED)


@transaction.atomic
def close_tasks(*, project_id: int, instructions: Collection[int], actor: User) -> int:
    """Close the tasks of instructions that the project dropped, for which nothing was handed in yet; returns how many.

    Who is writing for one is told and keeps the draft.
    """
    begun = [TaskState.OPEN, TaskState.WRITING]
    tasks = Task.objects.select_for_update().filter(
        project=project_id,
        instruction__in=instructions,
        state__in=begun,
        current_revision=None,
    )
    closed = list(tasks.order_by("pk"))
    for task in closed:
        move_task(
            task=task,
            verb="close",
            actor=actor,
            changes={"author": None},
            reason=ClosingReason.DROPPED,
        )
        for assignment in Assignment.objects.select_for_update().filter(
            task=task, state=AssignmentState.LIVE
        ):
            _end(assignment, AssignmentState.LAPSED)
    return len(closed)


def _end(
    assignment: Assignment, state: AssignmentState, reason: str = "", note: str = ""
) -> Assignment:
    assignment.state = state
    assignment.ended_at = timezone.now()
    assignment.skip_reason = reason
    assignment.skip_note = note
    assignment.save(update_fields=["state", "ended_at", "skip_reason", "skip_note"])
    return assignment
