"""The tasks of a project: the list that every number opens, and the story of one."""

from datetime import date
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from annotation.due import FINISHED, day_of, in_words, today
from annotation.enums import TaskState
from annotation.errors import NoSuchProject
from annotation.finding import LOOKED_THROUGH
from annotation.forms.project import DueForm
from annotation.models import ImportRun, Task
from annotation.overview import (
    DUE_WORDS,
    MOST_COUNTED,
    STATES_TOGETHER,
    count_up_to,
    page_of_tasks,
    story_of,
    tasks_in,
)
from annotation.queries import may_be_asked_again
from annotation.services.ask_again import ask_somebody_else
from annotation.services.due_days import set_due_day
from annotation.views.instructions import asked_for
from annotation.views.person import person_of
from annotation.views.projects import leads, project_for, readers
from experts.enums import Role
from experts.models import Domain
from experts.rules import hold_role
from lib.errors import Invalid
from lib.htmx import respond
from lib.http import page

FILTERS = (
    "words", "within", "state", "domain", "language", "difficulty", "due", "author", "import",
)  # fmt: skip


@page(access=readers)
def tasks(request: HttpRequest, slug: str) -> HttpResponse:
    """Newest first, filtered, in pages by key."""
    project = project_for(request, slug)
    asked = asked_for(request, FILTERS)
    context = {
        "project": project,
        "asked": asked,
        "shown": page_of_tasks(project, asked),
        "count": count_up_to(tasks_in(project, asked)),
        "most": MOST_COUNTED,
        "file": ImportRun.objects.filter(project=project, pk=asked["import"]).first()
        if asked["import"].isdecimal()
        else None,
        "looked_through": LOOKED_THROUGH.items(),
        "due_words": DUE_WORDS.items(),
        "finished": FINISHED,
        "today": today(),
        "may_set_due": hold_role.may(person_of(request), project, Role.LEAD)
        and project.archived_at is None,
        "domains": Domain.objects.order_by("path"),
        "states": [
            *TaskState.choices,
            *((word, word.replace("_", " ").capitalize()) for word in STATES_TOGETHER),
        ],
    }
    return respond(request, "projects/tasks.html", context, fragment="rows")


@page(access=leads)
@require_POST
def set_due(request: HttpRequest, slug: str) -> HttpResponse:
    """Give the ticked tasks, or all that the list holds, a due day; back to the list as it was."""
    project = project_for(request, slug, Role.LEAD)
    chosen = {name: request.POST.get(name, "").strip() for name in FILTERS}
    form = DueForm(request.POST)
    back = request.POST.get("back", "")
    address = reverse("projects:tasks", args=[project.slug])
    if back.isdecimal():
        address = reverse("projects:task", args=[project.slug, int(back)])
    elif kept := {name: value for name, value in chosen.items() if value}:
        address = f"{address}?{urlencode(kept)}"
    if not form.is_valid():
        raise Invalid("This is not a day.", advice="Write it as year-month-day: 2027-01-31.")
    everything = request.POST.get("which") == "all"
    ticked = [int(key) for key in request.POST.getlist("task") if key.isdecimal()]
    count = set_due_day(
        project=project,
        actor=person_of(request),
        day=form.cleaned_data["day"],
        tasks=None if everything else ticked,
        chosen=chosen if everything else None,
    )
    messages.success(request, _said(count, form.cleaned_data["day"]))
    return redirect(address)


def _said(count: int, day: date | None) -> str:
    tasks = f"{count:,} task{'' if count == 1 else 's'}"
    if day is None:
        return f"{tasks} {'has' if count == 1 else 'have'} no due day any more."
    return f"{tasks} {'is' if count == 1 else 'are'} due on {in_words(day)}."


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
        "today": today(),
        "due_on": day_of(found.due_at) if found.due_at else None,
        "may_set_due": hold_role.may(person_of(request), project, Role.LEAD)
        and project.archived_at is None
        and found.state not in FINISHED,
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
