"""What the editor sends and asks while somebody writes. JSON only; the session of the author, never a token."""

from typing import Any
from uuid import UUID

import orjson
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from annotation.errors import BatchTooLarge, LogInvalid, NotYourTask
from annotation.models import Assignment
from annotation.queries import assignment_of
from annotation.services.save_draft import Saved, save_draft, saved
from annotation.views.person import person_of
from annotation.writing_log import LARGEST_BATCH, read_edits
from lib.http import page, signed_in


@page(access=signed_in)
@never_cache
@require_GET
def session(request: HttpRequest) -> HttpResponse:
    """Who is signed in, and a fresh token for forms: what a page asks after the session had ended."""
    return JsonResponse({"person": person_of(request).pk, "token": get_token(request)})


@page(access=signed_in)
@never_cache
@require_http_methods(["GET", "POST"])
def draft(request: HttpRequest, task_id: int) -> HttpResponse:
    """GET: the draft as the server has it. POST: the next batch of edits."""
    person = person_of(request)
    if request.method == "GET":
        assignment = assignment_of(person, task_id)
        if assignment is None:
            raise NotYourTask
        return JsonResponse(_state(assignment, since=request.GET.get("since", "")))
    sent = _batch(request)
    done = save_draft(person=person, task_id=task_id, **sent)
    return JsonResponse(as_json(done))


def as_json(done: Saved) -> dict[str, Any]:
    """What a page learns from a save."""
    return {
        "version": done.version,
        "saved_at": done.saved_at.isoformat(),
        "lease_seconds": round((done.leased_until - timezone.now()).total_seconds()),
        "held": done.held,
        "dropped": done.dropped,
    }


def _state(assignment: Assignment, since: str) -> dict[str, Any]:
    state = as_json(saved(assignment)) | {"state": assignment.state}
    if since != str(assignment.draft_version):
        state |= {"fields": assignment.fields, "extras": assignment.extras}
    return state


def _batch(request: HttpRequest) -> dict[str, Any]:
    """The parts of a batch, each checked; raises LogInvalid or BatchTooLarge."""
    if int(request.headers.get("Content-Length") or 0) > LARGEST_BATCH:
        raise BatchTooLarge
    try:
        sent = orjson.loads(request.body)
        sequence, session_id = sent["sequence"], UUID(sent["session"])
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError, AttributeError) as problem:
        raise LogInvalid from problem
    extras, check = sent.get("extras"), sent.get("check") or {}
    if not isinstance(sequence, int) or not 0 < sequence < 2**31:
        raise LogInvalid("The batch has no usable number.")
    if not (extras is None or isinstance(extras, dict)) or not isinstance(check, dict):
        raise LogInvalid
    return {
        "sequence": sequence,
        "session": session_id,
        "edits": read_edits(sent.get("edits", [])),
        "extras": extras,
        "check": check,
    }
