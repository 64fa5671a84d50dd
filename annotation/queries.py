"""Reads of the writing side."""

from django.db import models

from annotation.enums import AssignmentState, TaskState
from annotation.models import Assignment, ProjectVersion, Revision, Task
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


def revisions_of(task: Task) -> models.QuerySet[Revision]:
    """All submissions for a task, oldest first."""
    return task.revisions.select_related("author", "project_version").order_by("number")
