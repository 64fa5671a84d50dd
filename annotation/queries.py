"""Reads of the writing side."""

from django.db import models

from annotation.enums import AssignmentState, TaskState
from annotation.models import Assignment, ProjectVersion, Revision, Task
from annotation.models.task import OVER
from experts.models import Project, User


def current_version(project: Project) -> ProjectVersion:
    """The version under which new work in `project` is done."""
    return ProjectVersion.objects.filter(project=project).latest("number")


def assignment_of(person: User, task_id: int) -> Assignment | None:
    """This person's assignment on a task, with all that the writing page shows."""
    return (
        Assignment.objects.filter(task=task_id, expert=person)
        .select_related("task__instruction__domain", "task__project", "project_version", "expert")
        .first()
    )


def work_of(person: User) -> models.QuerySet[Assignment]:
    """Everything this person has taken, newest first."""
    return (
        Assignment.objects.filter(expert=person)
        .select_related("task__instruction", "task__domain", "task__project")
        .order_by("-opened_at", "-id")
    )


def returned_to(person: User) -> models.QuerySet[Assignment]:
    """Work that reviewers sent back to this person, oldest first."""
    return (
        work_of(person)
        .filter(
            state=AssignmentState.SUBMITTED,
            task__state=TaskState.CHANGES_REQUESTED,
            task__author=person,
        )
        .order_by("task__state_since")
    )


def live_work_of(person: User) -> models.QuerySet[Assignment]:
    """What this person is writing now."""
    return work_of(person).filter(state=AssignmentState.LIVE)


def handed_in_by(person: User) -> models.QuerySet[Assignment]:
    """What this person handed in and does not have to mend now, newest first."""
    return (
        work_of(person)
        .filter(state__in=[AssignmentState.SUBMITTED, AssignmentState.CLOSED], task__author=person)
        .exclude(task__state=TaskState.CHANGES_REQUESTED)
        .order_by("-task__state_since")
    )


def put_aside_by(person: User) -> models.QuerySet[Assignment]:
    """Drafts of tasks that ran out of time or were passed on and that nobody has taken since."""
    return work_of(person).filter(
        state__in=[AssignmentState.LAPSED, AssignmentState.SKIPPED],
        draft_version__gt=0,
        task__state=TaskState.OPEN,
    )


def revisions_of(task: Task) -> models.QuerySet[Revision]:
    """All submissions for a task, oldest first."""
    return task.revisions.select_related("author", "project_version").order_by("number")


def in_place_of(task: Task) -> Task | None:
    """The task that has the place of one that is over, if there is one."""
    placed = Task.objects.filter(instruction__series=task.instruction.series, slot=task.slot)
    return placed.exclude(pk=task.pk).exclude(state__in=OVER).first()


def may_be_asked_again(task: Task) -> bool:
    """Whether a lead may have somebody else write this response."""
    if task.state == TaskState.CHANGES_REQUESTED:
        return True
    return task.state in OVER and in_place_of(task) is None
