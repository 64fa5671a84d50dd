"""Handing a draft in, passing a task on, taking it again."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from annotation.errors import NotYourTask
from annotation.queries import assignment_of
from annotation.services.release import skip_task
from annotation.services.save_draft import save_plain
from annotation.services.submit import submit_revision
from annotation.services.take_again import take_again as take_again_
from annotation.views.given_back import Typed, given_back
from annotation.views.person import person_of
from experts.models import User
from lib.errors import DomainError
from lib.htmx import go_to
from lib.http import page, signed_in

HANDED_IN = (
    "Handed in. A second expert reads it next, without seeing your name; then a format reviewer. "
    "You find the outcome here."
)


@page(access=signed_in)
@require_POST
def submit(request: HttpRequest, task_id: int) -> HttpResponse:
    """Hand in the saved draft. A page without scripts sends its texts along; they are saved first, and a
    refusal gives them back."""
    typed = Typed.of(request)
    try:
        return _submit(request, task_id, typed)
    except DomainError as refusal:
        if not request.accepts("text/html"):
            raise
        return given_back(request, task_id, refusal, typed)


def _submit(request: HttpRequest, task_id: int, typed: Typed) -> HttpResponse:
    person = person_of(request)
    version = int(request.POST["version"]) if request.POST.get("version", "").isdigit() else None
    if typed.texts and version is not None:
        version = _saved(person, task_id, typed, version)
    if request.POST.get("only_save"):
        messages.success(request, "Saved. You can go on whenever you like.")
        return redirect("write:task", task_id)
    submit_revision(
        person=person,
        task_id=task_id,
        draft_version=version,
        reasons=typed.reasons,
        note=typed.note,
    )
    messages.success(request, HANDED_IN)
    if request.accepts("text/html"):
        return redirect("write:home")
    return JsonResponse({"next": "/write/"})


def _saved(person: User, task_id: int, typed: Typed, version: int) -> int:
    """The draft's version once all that was typed is stored."""
    assignment = assignment_of(person, task_id)
    if assignment is None:
        raise NotYourTask
    extras = typed.extras(assignment)
    return save_plain(
        person=person, task_id=task_id, texts=typed.texts, version=version, extras=extras
    ).version


@page(access=signed_in)
@require_POST
def skip(request: HttpRequest, task_id: int) -> HttpResponse:
    """Pass the task on, with a reason; the draft stays with its author."""
    skip_task(
        person=person_of(request),
        task_id=task_id,
        reason=request.POST.get("reason", ""),
        note=request.POST.get("note", "").strip(),
    )
    messages.success(
        request, "You passed the task on. Thank you for saying why; your draft is kept."
    )
    return go_to(request, "/write/")


@page(access=signed_in)
@require_POST
def take_again(request: HttpRequest, task_id: int) -> HttpResponse:
    """Lease a task again whose lease ran out, or go on with returned work."""
    take_again_(person=person_of(request), task_id=task_id)
    if request.accepts("text/html"):
        return redirect("write:task", task_id)
    assignment = assignment_of(person_of(request), task_id)
    assert assignment is not None
    return JsonResponse({"held": True, "version": assignment.draft_version})
