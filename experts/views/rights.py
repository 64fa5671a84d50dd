"""The rights of a person: a copy of their data, and its erasure."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from experts.models import ErasureRequest
from experts.rules import person_of
from experts.services.rights import as_json, ask_for_erasure, erase_person, withdraw_erasure
from lib.http import administrators, page, signed_in


@page(access=signed_in)
def my_data(request: HttpRequest) -> HttpResponse:
    """What can be had and asked for."""
    waiting = person_of(request).erasure_requests.filter(done_at=None, withdrawn_at=None).first()
    return render(request, "experts/my_data.html", {"waiting": waiting})


@page(access=signed_in)
def download(request: HttpRequest) -> HttpResponse:
    """Everything held about the person who asks, as one JSON document."""
    response = StreamingHttpResponse(as_json(person_of(request)), content_type="application/json")
    response["Content-Disposition"] = 'attachment; filename="my-data.json"'
    response["Cache-Control"] = "private, no-store"
    return response  # type: ignore[return-value]  # streams like any other answer


@page(access=signed_in)
@require_POST
def ask(request: HttpRequest) -> HttpResponse:
    """Ask for erasure, or take the request back."""
    if "withdraw" in request.POST:
        withdraw_erasure(person=person_of(request))
        messages.success(request, "Your request is taken back.")
    else:
        ask_for_erasure(person=person_of(request))
        messages.success(request, "Your request is on record. An administrator carries it out.")
    return redirect("people:my-data")


@page(access=administrators)
def erase(request: HttpRequest, pk: int) -> HttpResponse:
    """Carry out a request; it says beforehand what goes and what stays."""
    found = get_object_or_404(ErasureRequest.objects.select_related("person"), pk=pk)
    if request.method == "POST":
        report = erase_person(request=found, actor=person_of(request))
        messages.success(request, f"Erased. {sum(report.values())} rows were changed or removed.")
        return redirect("people:board", slug="erasures")
    return render(request, "experts/erase.html", {"found": found})
