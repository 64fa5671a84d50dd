"""Versions of one's own draft: listed, compared with what is there now, brought back by the editor."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from annotation.errors import NotYourTask
from annotation.models import Assignment
from annotation.provenance import Batch
from annotation.queries import assignment_of
from annotation.services.check_draft import draft_findings
from annotation.services.read_log import batches_of, texts_at
from annotation.versions import changes_between, versions_of
from annotation.views.person import person_of
from annotation.writing_log import unpack
from lib.http import page, signed_in


@page(access=signed_in)
@never_cache
@require_GET
def versions(request: HttpRequest, task_id: int) -> HttpResponse:
    """The list, as a fragment."""
    assignment = _own(request, task_id)
    batches = [
        (row.sequence, Batch(row.received_at, str(row.session), unpack(bytes(row.payload))))
        for row in batches_of(assignment)
    ]
    return render(request, "annotation/_versions.html", {"versions": versions_of(batches)})


@page(access=signed_in)
@never_cache
@require_GET
def version(request: HttpRequest, task_id: int, sequence: int) -> HttpResponse:
    """One version: its texts as JSON for the editor, or what changed since as a fragment."""
    assignment = _own(request, task_id)
    texts = texts_at(assignment, sequence)
    if not request.accepts("text/html"):
        return JsonResponse({"fields": texts})
    parts = changes_between(texts, assignment.fields)
    return render(request, "annotation/_version.html", {"parts": parts, "sequence": sequence})


@page(access=signed_in)
@never_cache
@require_POST
def findings(request: HttpRequest, task_id: int) -> HttpResponse:
    """What the checks say about the saved draft."""
    return JsonResponse(draft_findings(person=person_of(request), task_id=task_id))


def _own(request: HttpRequest, task_id: int) -> Assignment:
    assignment = assignment_of(person_of(request), task_id)
    if assignment is None:
        raise NotYourTask
    return assignment
