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
from annotation.stepping import some_steps
from annotation.views.person import person_of
from experts.models import User
from lib.http import page, signed_in


@page(access=signed_in)
@require_http_methods(["GET", "POST"])
def trajectory(request: HttpRequest, task_id: int) -> HttpResponse:
    """POST: take the file in. GET: some of its steps, as a fragment."""
    person = person_of(request)
    if request.method == "POST":
        return JsonResponse(_take(request, person, task_id))
    messages = native_messages(_about(person, task_id))
    shown = some_steps(messages, request.GET.get("from", ""))
    return render(request, "annotation/_steps.html", {"shown": shown, "marking": True})


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
