"""Importing a trajectory and stepping through it."""

from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from annotation.errors import NativeUnreadable, NotYourTask
from annotation.native import LARGEST
from annotation.queries import assignment_of
from annotation.services.keep_native import keep_native, kept_file, native_messages
from annotation.views.person import person_of
from experts.models import User
from lib.http import page, signed_in

STEPS_A_PAGE = 20
LONGEST_SHOWN = 20_000  # characters of one step; the file itself is whole


@page(access=signed_in)
@require_http_methods(["GET", "POST"])
def trajectory(request: HttpRequest, task_id: int) -> HttpResponse:
    """POST: take the file in. GET: some of its steps, as a fragment."""
    person = person_of(request)
    if request.method == "POST":
        return JsonResponse(_take(request, person, task_id))
    messages = native_messages(_about(person, task_id))
    first = (
        min(int(request.GET.get("from", 0)), len(messages))
        if request.GET.get("from", "0").isdigit()
        else 0
    )
    context = {
        "steps": [
            (
                number,
                step | {"content": step["content"][:LONGEST_SHOWN], "length": len(step["content"])},
            )
            for number, step in enumerate(messages[first : first + STEPS_A_PAGE], first + 1)
        ],
        "longest": LONGEST_SHOWN,
        "first": first + 1,
        "last": min(first + STEPS_A_PAGE, len(messages)),
        "total": len(messages),
        "before": max(first - STEPS_A_PAGE, 0) if first else None,
        "after": first + STEPS_A_PAGE if first + STEPS_A_PAGE < len(messages) else None,
    }
    return render(request, "annotation/_steps.html", context)


def _take(request: HttpRequest, person: User, task_id: int) -> dict[str, Any]:
    """A new file, or (without one) another of the trajectories in the file that is there already."""
    number = request.POST.get("entry", "1")
    entry = int(number) if number.isdigit() and len(number) < 8 else 0
    sent = request.FILES.get("file")
    if not isinstance(sent, UploadedFile):
        about = _about(person, task_id)
        name, data = str(about.get("name", "")), kept_file(about)
    elif (sent.size or 0) > LARGEST:
        raise NativeUnreadable("The file is larger than 25 MB.")
    else:
        name, data = sent.name or "", sent.read()
    return keep_native(person=person, task_id=task_id, name=name, data=data, entry=entry)


def _about(person: User, task_id: int) -> dict[str, Any]:
    assignment = assignment_of(person, task_id)
    if assignment is None:
        raise NotYourTask
    return dict(assignment.extras.get("trajectory") or {})
