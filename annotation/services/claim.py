"""Hand the next open task to one person, and only to one, however many ask at once."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from annotation.enums import AssignmentState, TaskState
from annotation.errors import CredentialNeeded, NothingToTake, NotYourTask
from annotation.models import Assignment, Task
from annotation.queries import current_version, live_work_of, put_aside_by, returned_to
from annotation.routing import (
    Reach,
    facts_of_claim,
    next_task_id,
    reach_of,
    why_not_take,
    why_nothing,
)
from annotation.services.move import lock_task, move_task
from experts.models import User
from experts.queries import valid_credential
from experts.rules import require_accepted


@transaction.atomic
def take_next(*, person: User) -> Assignment:
    """What this person writes next: work in progress, returned work, their own lapsed drafts, then the queues.

    Raises AgreementsOpen, or NothingToTake with the reason when no queue holds anything for them.
    """
    require_accepted(person)
    _one_claim_at_a_time(person)
    in_progress = live_work_of(person).order_by("leased_until").first()
    if in_progress is not None:
        return in_progress
    returned = returned_to(person).first()
    if returned is not None:
        return resume(person=person, task_id=returned.task_id)
    reach = reach_of(person)
    task_id = _own_lapsed_task(person, reach) or next_task_id(reach)
    if task_id is None:
        message, advice = why_nothing(reach)
        raise NothingToTake(message, advice=advice)
    return _lease(person=person, task=lock_task(task_id), chosen=False)


@transaction.atomic
def take(*, person: User, task_id: int) -> Assignment:
    """Take one open task by choice."""
    require_accepted(person)
    _one_claim_at_a_time(person)
    task = lock_task(task_id)
    if task.state != TaskState.OPEN:
        raise NothingToTake(
            "Somebody else has taken this task.",
            advice="Choose another one, or take the next task.",
        )
    reason = why_not_take(person, task)
    if reason is not None:
        raise NotYourTask(reason)
    return _lease(person=person, task=task, chosen=True)


def _one_claim_at_a_time(person: User) -> None:
    """Two tabs that ask in the same moment get the same task, and no cap is passed by asking twice."""
    User.objects.select_for_update(no_key=True).only("pk").get(pk=person.pk)


def _own_lapsed_task(person: User, reach: Reach) -> int | None:
    """A task this person had begun when their time ran out, if it is still open and within their reach."""
    begun = (
        put_aside_by(person)
        .filter(
            state=AssignmentState.LAPSED, task__project__in={lane.project for lane in reach.lanes}
        )
        .filter(task__domain__in={lane.domain for lane in reach.lanes})
        .select_related(None)
        .values("task")
    )
    open_ones = Task.objects.select_for_update(skip_locked=True).filter(
        state=TaskState.OPEN, pk__in=begun
    )
    return open_ones.order_by("id").values_list("pk", flat=True).first()


@transaction.atomic
def resume(*, person: User, task_id: int) -> Assignment:
    """Open work that reviewers returned, to write the next revision."""
    task = lock_task(task_id)
    assignment = Assignment.objects.select_for_update().filter(task=task, expert=person).first()
    if assignment is None or task.author_id != person.pk:
        raise NotYourTask
    move_task(task=task, verb="resume", actor=person)
    return _start(assignment)


def _lease(*, person: User, task: Task, chosen: bool) -> Assignment:
    if valid_credential(person, task.domain) is None:
        raise CredentialNeeded(advice="Add or renew a credential on your page.")
    facts = facts_of_claim(person, task, chosen=chosen)
    move_task(task=task, verb="claim", actor=person, changes={"author": person}, **facts)
    version = current_version(task.project)
    assignment, made = Assignment.objects.select_for_update().get_or_create(
        task=task,
        expert=person,
        defaults={
            "project_version": version,
            "leased_until": timezone.now() + timedelta(minutes=version.lease_minutes),
        },
    )
    if made:
        return assignment
    assignment.project_version = version
    return _start(assignment)


def _start(assignment: Assignment) -> Assignment:
    minutes = assignment.project_version.lease_minutes
    assignment.state = AssignmentState.LIVE
    assignment.leased_until = timezone.now() + timedelta(minutes=minutes)
    assignment.ended_at = None
    assignment.skip_reason = ""
    assignment.save()
    return assignment
