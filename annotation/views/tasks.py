"""The tasks of a project: the list that every number opens, and the story of one."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from annotation.enums import TaskState
from annotation.errors import NoSuchProject
from annotation.models import Task
from annotation.overview import (
    MOST_COUNTED,
    STATES_TOGETHER,
    count_up_to,
    page_by_key,
    story_of,
    tasks_in,
)
from annotation.queries import may_be_asked_again
from annotation.services.ask_again import ask_somebody_else
from annotation.views.instructions import asked_for
from annotation.views.person import person_of
from annotation.views.projects import leads, project_for, readers
from experts.enums import Role
from experts.models import Domain
from experts.rules import hold_role
from lib.htmx import respond
from lib.http import page

FILTERS = ("state", "domain", "language", "difficulty", "author")


@page(access=readers)
def tasks(request: HttpRequest, slug: str) -> HttpResponse:
    """Newest first, filtered, in pages by key."""
    project = project_for(request, slug)
    asked = asked_for(request, FILTERS)
    found = tasks_in(project, asked)
    context = {
        "project": project,
        "asked": asked,
        "shown": page_by_key(found.select_related("instruction", "domain", "author"), asked),
        "count": count_up_to(found),
        "most": MOST_COUNTED,
        "domains": Domain.objects.order_by("path"),
        "states": [
            *TaskState.choices,
            *((word, word.replace("_", " ").capitalize()) for word in STATES_TOGETHER),
        ],
    }
    return respond(request, "projects/tasks.html", context, fragment="rows")


@page(access=readers)
def task(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Who did what, when, and what is there now."""
    project = project_for(request, slug)
    found = (
        Task.objects.filter(project=project, pk=pk)
        .select_related("instruction", "domain", "author", "current_revision")
        .first()
    )
    if found is None:
        raise NoSuchProject("There is no such task in this project.", advice="Go back to the list.")
    context = {
        "project": project,
        "task": found,
        "story": story_of(found),
        "revisions": found.revisions.select_related("author", "project_version").order_by(
            "-number"
        ),
        "may_ask_again": hold_role.may(person_of(request), project, Role.LEAD)
        and project.archived_at is None
        and may_be_asked_again(found),
    }
    return render(request, "projects/task.html", context)


@page(access=leads)
@require_POST
def ask_again(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Have somebody else write this response."""
    project = project_for(request, slug, Role.LEAD)
    found = Task.objects.filter(project=project, pk=pk).first()
    if found is None:
        raise NoSuchProject("There is no such task in this project.", advice="Go back to the list.")
    asked = ask_somebody_else(actor=person_of(request), task_id=found.pk)
    messages.success(request, "The task is open: it goes to the next expert whom it fits.")
    return redirect("projects:task", project.slug, asked.pk)
