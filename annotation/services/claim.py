"""Hand the next open task to one person, and only to one, however many ask at once."""

from dataclasses import dataclass
from datetime import timedelta

from django.db import connection, transaction
from django.utils import timezone

from annotation.barred import free_for
from annotation.closing import why_closed
from annotation.enums import AssignmentState, TaskState
from annotation.errors import CredentialNeeded, NothingToTake, NotYourTask
from annotation.models import Assignment, ProjectVersion, Task
from annotation.queries import current_version, work_of
from annotation.routing import (
    Reach,
    facts_of_claim,
    next_task,
    reach_of,
    why_not_take,
    why_nothing,
)
from annotation.services.move import lock_task, move_task
from experts.models import User
from experts.queries import OpenField, lock_person, valid_credential
from experts.rules import require_accepted, require_at_work

# What this person is at already, in the order in which it comes before any queue: what they are writing,
# what reviewers returned to them (it waits while the project is archived), drafts whose time ran out. Each
# part walks an index of its own.
_BEGUN = """
SELECT own.state, own.task_id, task.project_id, task.domain_id, 1 AS rank, own.leased_until AS since
FROM annotation_assignment own JOIN annotation_task task ON task.id = own.task_id
WHERE own.expert_id = %(person)s AND own.state = 'live'
UNION ALL
SELECT own.state, own.task_id, task.project_id, task.domain_id, 2, task.state_since
FROM annotation_task task JOIN annotation_assignment own ON own.task_id = task.id AND own.expert_id = %(person)s
JOIN experts_project project ON project.id = task.project_id AND project.archived_at IS NULL
WHERE task.author_id = %(person)s AND task.state = 'changes_requested' AND own.state = 'submitted'
UNION ALL
SELECT own.state, own.task_id, task.project_id, task.domain_id, 3, task.created_at
FROM annotation_assignment own JOIN annotation_task task ON task.id = own.task_id
WHERE own.expert_id = %(person)s AND own.state = 'lapsed' AND own.draft_version > 0 AND task.state = 'open'
ORDER BY rank, since, task_id
"""


@dataclass(frozen=True)
class _Begun:
    """A task this person has an assignment on that waits for them."""

    state: str
    task: int
    project: int
    domain: int


@transaction.atomic
def take_next(*, person: User) -> Assignment:
    """What this person writes next: work in progress, returned work, their own lapsed drafts, then the queues.

    Raises AgreementsOpen, or NothingToTake with the reason when no queue holds anything for them.
    """
    require_accepted(person)
    # Two tabs that ask in the same moment get the same task, and no cap is passed by asking twice.
    lock_person(person)
    begun = _begun_by(person)
    first = begun[0] if begun else None
    if first and first.state == AssignmentState.LIVE:
        return work_of(person).get(task=first.task)
    if first and first.state == AssignmentState.SUBMITTED:
        return resume(person=person, task_id=first.task)
    reach = reach_of(person)
    task = _own_lapsed_task(begun, reach) or next_task(reach)
    if task is None:
        message, advice = why_nothing(reach)
        raise NothingToTake(message, advice=advice)
    return _lease(
        person=person,
        task=task,
        field=reach.fields[task.domain_id],
        version=reach.version_in(task.project_id),
        chosen=False,
    )


@transaction.atomic
def take(*, person: User, task_id: int) -> Assignment:
    """Take one open task by choice."""
    require_accepted(person)
    lock_person(person)
    task = lock_task(task_id)
    if task.state == TaskState.WITHDRAWN and task.current_revision_id is None:
        closing = why_closed(task)
        raise NothingToTake(closing.title, advice=f"{closing.advice} Take the next task.")
    if task.state != TaskState.OPEN:
        raise NothingToTake(
            "Somebody else has taken this task.",
            advice="Choose another one, or take the next task.",
        )
    require_at_work(task.project_id)
    reason = why_not_take(person, task)
    if reason is not None:
        raise NotYourTask(reason)
    credential = valid_credential(person, task.domain)
    if credential is None:
        raise CredentialNeeded(advice="Add or renew a credential on your page.")
    return _lease(
        person=person,
        task=task,
        field=OpenField(task.domain_id, task.domain.path, credential.pk),
        version=current_version(task.project),
        chosen=True,
    )


def _begun_by(person: User) -> list[_Begun]:
    with connection.cursor() as cursor:
        cursor.execute(_BEGUN, {"person": person.pk})
        return [_Begun(*row[:4]) for row in cursor.fetchall()]


def _own_lapsed_task(begun: list[_Begun], reach: Reach) -> Task | None:
    """A task this person had begun when their time ran out, if it is still open and within their reach."""
    lanes = {(lane.project, lane.domain) for lane in reach.lanes}
    within = [one.task for one in begun if (one.project, one.domain) in lanes]
    if not within:
        return None
    open_ones = Task.objects.select_for_update(skip_locked=True).filter(
        free_for(reach.person), state=TaskState.OPEN, pk__in=within
    )
    return open_ones.order_by("id").first()


@transaction.atomic
def resume(*, person: User, task_id: int) -> Assignment:
    """Open work that reviewers returned, to write the next revision."""
    task = lock_task(task_id)
    assignment = Assignment.objects.select_for_update().filter(task=task, expert=person).first()
    if assignment is None or task.author_id != person.pk:
        raise NotYourTask
    require_at_work(task.project_id)
    move_task(task=task, verb="resume", actor=person)
    return _start(assignment)


def _lease(
    *, person: User, task: Task, field: OpenField, version: ProjectVersion, chosen: bool
) -> Assignment:
    facts = facts_of_claim(task, field, chosen=chosen)
    move_task(task=task, verb="claim", actor=person, changes={"author": person}, **facts)
    # Nobody else can make this row meanwhile: the task and the person are locked.
    assignment = Assignment.objects.filter(task=task, expert=person).first()
    if assignment is not None:
        assignment.project_version = version
        return _start(assignment)
    return Assignment.objects.create(
        task=task,
        expert=person,
        project_version=version,
        leased_until=timezone.now() + timedelta(minutes=version.lease_minutes),
    )


def _start(assignment: Assignment) -> Assignment:
    minutes = assignment.project_version.lease_minutes
    assignment.state = AssignmentState.LIVE
    assignment.leased_until = timezone.now() + timedelta(minutes=minutes)
    assignment.ended_at = None
    assignment.skip_reason = ""
    assignment.save()
    return assignment
