"""Handing a draft in, passing a task on, taking it again."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from annotation.queries import assignment_of
from annotation.services.release import skip_task
from annotation.services.save_draft import save_plain
from annotation.services.submit import submit_revision
from annotation.services.take_again import take_again as take_again_
from annotation.views.person import person_of
from lib.htmx import go_to
from lib.http import page, signed_in

REASON = "reason-"
FIELD = "field-"
HANDED_IN = (
    "Handed in. A second expert reads it next, without seeing your name; then a format reviewer. "
    "You find the outcome here."
)


@page(access=signed_in)
@require_POST
def submit(request: HttpRequest, task_id: int) -> HttpResponse:
    """Hand in the saved draft. A page without scripts sends its texts along; they are saved first."""
    person = person_of(request)
    texts = _texts(request, FIELD)
    version = int(request.POST["version"]) if request.POST.get("version", "").isdigit() else None
    if texts and version is not None:
        version = save_plain(person=person, task_id=task_id, texts=texts, version=version).version
    if request.POST.get("only_save"):
        messages.success(request, "Saved. You can go on whenever you like.")
        return redirect("write:task", task_id)
    submit_revision(
        person=person,
        task_id=task_id,
        draft_version=version,
        reasons=_texts(request, REASON),
        note=request.POST.get("note", ""),
    )
    messages.success(request, HANDED_IN)
    if request.accepts("text/html"):
        return redirect("write:home")
    return JsonResponse({"next": "/write/"})


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


def _texts(request: HttpRequest, prefix: str) -> dict[str, str]:
    """The posted texts whose names begin with `prefix`, without it."""
    return {
        name.removeprefix(prefix): str(text)
        for name, text in request.POST.items()
        if name.startswith(prefix)
    }
