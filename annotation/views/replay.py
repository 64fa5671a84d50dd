"""How a text came about: the page and its data, for the person who wrote it."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from annotation.errors import NotYourTask
from annotation.models import Assignment, Revision
from annotation.provenance import readings
from annotation.queries import assignment_of
from annotation.services.read_log import log_as_json, summary_of
from annotation.views.person import person_of
from lib.http import page, signed_in


@page(access=signed_in)
@require_GET
def replay(request: HttpRequest, task_id: int) -> HttpResponse:
    """The record of one's own writing, as reviewers see it."""
    assignment, revision = _own(request, task_id)
    summary = revision.log_summary if revision else summary_of(assignment)
    context = {
        "assignment": assignment,
        "task": assignment.task,
        "revision": revision,
        "summary": summary,
        "readings": readings(summary),
        "log_url": f"/write/{task_id}/log/?revision={revision.number if revision else ''}",
    }
    return render(request, "annotation/replay.html", context)


@page(access=signed_in)
@require_GET
def log(request: HttpRequest, task_id: int) -> HttpResponse:
    """The edits themselves, up to the revision asked for."""
    assignment, revision = _own(request, task_id)
    return JsonResponse(log_as_json(assignment, upto=revision.log_sequence if revision else None))


def _own(request: HttpRequest, task_id: int) -> tuple[Assignment, Revision | None]:
    assignment = assignment_of(person_of(request), task_id)
    if assignment is None:
        raise NotYourTask
    number = request.GET.get("revision", "")
    revision = assignment.revisions.filter(number=int(number)).first() if number.isdigit() else None
    return assignment, revision
