"""Hand the next open task to one person, and only to one, however many ask at once."""

from datetime import timedelta

from django.db import connection, transaction
from django.utils import timezone

from annotation.enums import AssignmentState, TaskState
from annotation.errors import CredentialNeeded, NothingToTake, NotYourTask
from annotation.models import Assignment, Task
from annotation.queries import current_version, live_work_of, returned_to
from annotation.services.move import lock_task, move_task
from experts.enums import Role
from experts.models import User
from experts.queries import open_domains, projects_of, valid_credential

# The head of each (project, domain) queue is one index entry; the best of those heads is locked.
# SKIP LOCKED makes a second person who asks in the same moment look past it instead of waiting.
_NEXT = """
SELECT head.id
FROM unnest(%(projects)s::bigint[]) AS project(id)
CROSS JOIN unnest(%(domains)s::bigint[]) AS domain(id)
CROSS JOIN LATERAL (
  SELECT task.id, task.priority
  FROM annotation_task task
  WHERE task.state = 'open' AND task.project_id = project.id AND task.domain_id = domain.id
    AND NOT EXISTS (
      SELECT 1 FROM annotation_assignment own
      WHERE own.task_id = task.id AND own.expert_id = %(person)s AND own.state = 'skipped')
  ORDER BY task.priority DESC, task.id
  FOR UPDATE SKIP LOCKED
  LIMIT 1
) head
ORDER BY head.priority DESC, head.id
LIMIT 1
"""


def next_task_id(*, person: User, projects: list[int], domains: list[int]) -> int | None:
    """Lock and name the best open task over the given queues, or None when they are empty."""
    with connection.cursor() as cursor:
        cursor.execute(_NEXT, {"projects": projects, "domains": domains, "person": person.pk})
        row = cursor.fetchone()
    return row[0] if row else None


@transaction.atomic
def take_next(*, person: User) -> Assignment:
    """What this person writes next: work in progress first, then returned work, then the queue.

    Raises NothingToTake with the reason when no queue holds anything for them.
    """
    in_progress = live_work_of(person).order_by("leased_until").first()
    if in_progress is not None:
        return in_progress
    returned = returned_to(person).first()
    if returned is not None:
        return resume(person=person, task_id=returned.task_id)
    projects = list(projects_of(person, Role.WRITER).values_list("pk", flat=True))
    domains = list(open_domains(person).values_list("pk", flat=True))
    if not domains:
        raise NothingToTake(
            "You hold no verified credential yet, so no task can be given to you.",
            advice="Add a credential on your page; work starts when it has been verified.",
        )
    task_id = next_task_id(person=person, projects=projects, domains=domains)
    if task_id is None:
        raise NothingToTake
    return _lease(person=person, task=lock_task(task_id))


@transaction.atomic
def take(*, person: User, task_id: int) -> Assignment:
    """Take one open task by choice."""
    task = lock_task(task_id)
    if task.state != TaskState.OPEN:
        raise NothingToTake(
            "Somebody else has taken this task.", advice="Choose another one, or take the next task."
        )
    if not projects_of(person, Role.WRITER).filter(pk=task.project_id).exists():
        raise NotYourTask("You are not a writer in this project.")
    return _lease(person=person, task=task)


@transaction.atomic
def resume(*, person: User, task_id: int) -> Assignment:
    """Open work that reviewers returned, to write the next revision."""
    task = lock_task(task_id)
    assignment = Assignment.objects.select_for_update().filter(task=task, expert=person).first()
    if assignment is None or task.author_id != person.pk:
        raise NotYourTask
    move_task(task=task, verb="resume", actor=person)
    return _start(assignment)


def _lease(*, person: User, task: Task) -> Assignment:
    if valid_credential(person, task.domain) is None:
        raise CredentialNeeded(advice="Add or renew a credential on your page.")
    move_task(task=task, verb="claim", actor=person, changes={"author": person})
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
