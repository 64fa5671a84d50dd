"""What a project asks: the list, and one instruction with its tasks."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from annotation.corrections import newest_version_of, what_it_corrects
from annotation.enums import TaskState
from annotation.errors import NoSuchProject
from annotation.models import Instruction
from annotation.overview import instructions_in, page_by_key
from annotation.queries import current_version
from annotation.views.person import person_of
from annotation.views.projects import project_for, readers
from experts.enums import Role
from experts.models import Domain
from experts.rules import hold_role
from lib.htmx import respond
from lib.http import page

FILTERS = ("words", "id", "domain", "language", "difficulty", "kind", "state", "author")


def asked_for(request: HttpRequest, names: tuple[str, ...]) -> dict[str, str]:
    """The filters and the place in the list, as the address has them."""
    return {name: request.GET.get(name, "").strip() for name in (*names, "after", "before")}


@page(access=readers)
def instructions(request: HttpRequest, slug: str) -> HttpResponse:
    """Newest first, filtered, in pages by key."""
    project = project_for(request, slug)
    asked = asked_for(request, FILTERS)
    found = instructions_in(project, asked).select_related("domain").prefetch_related("tasks")
    context = {
        "project": project,
        "asked": asked,
        "shown": page_by_key(found, asked),
        "domains": Domain.objects.order_by("path"),
        "states": TaskState.choices,
        "may_lead": hold_role.may(person_of(request), project, Role.LEAD),
        "filtered": any(asked[name] for name in FILTERS),
    }
    return respond(request, "projects/instructions.html", context, fragment="rows")


@page(access=readers)
def instruction(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """All of it, where it comes from, and what became of it."""
    project = project_for(request, slug)
    found = (
        Instruction.objects.filter(project=project, pk=pk)
        .select_related("domain", "created_by")
        .first()
    )
    if found is None:
        raise NoSuchProject(
            "There is no such instruction in this project.", advice="Go back to the list."
        )
    context = {
        "project": project,
        "instruction": found,
        "version": current_version(project),
        "tasks": found.tasks.select_related("author").order_by("slot", "id"),
        "newest": newest_version_of(found),
        "corrects": what_it_corrects(found),
        "may_lead": hold_role.may(person_of(request), project, Role.LEAD),
        "versions": Instruction.objects.filter(series=found.series)
        .exclude(pk=pk)
        .order_by("version"),
    }
    return render(request, "projects/instruction.html", context)
