"""Calibration items of the projects I lead: seed them, see what came of them, withdraw them."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from experts.enums import Role
from experts.queries import projects_of
from lib.errors import DomainError
from lib.htmx import go_to, respond
from lib.http import page
from review.forms.calibration import CalibrationForm
from review.paging import paged
from review.queries import calibration_items, calibration_results, calibration_source
from review.services.calibrate import add_calibration_item, withdraw_calibration_item
from review.views.person import person_of
from review.views.quality import leads


@page(access=leads)
@require_GET
def items(request: HttpRequest) -> HttpResponse:
    """All items with how often they were seen and judged rightly."""
    return respond(
        request, "review/calibration.html", {"items": calibration_items(person_of(request))}
    )


@page(access=leads)
def new(request: HttpRequest) -> HttpResponse:
    """Seed an item, from scratch or from a response that exists (`?from=<task>`)."""
    person = person_of(request)
    projects = projects_of(person, Role.LEAD)
    source = calibration_source(person, request.POST.get("source") or request.GET.get("from", ""))
    form = CalibrationForm(
        request.POST if request.method == "POST" else None,
        projects=projects,
        initial=source.initial if source else None,
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        content = {
            **(source.content if source else {}),
            "messages": [
                *(source.turns_before if source else []),
                {"role": "user", "content": data["instruction"]},
            ],
            "response": data["response"].replace("\r\n", "\n"),
        }
        try:
            add_calibration_item(
                person=person,
                project=data["project"],
                stage=data["stage"],
                domain=data["domain"],
                title=data["instruction"].strip().splitlines()[0],
                content=content,
                flaws=form.flaws(),
            )
        except DomainError as refusal:
            form.add_error(None, f"{refusal.message} {refusal.advice}".strip())
        else:
            messages.success(request, "The item is among the work now. Nobody is told which it is.")
            return go_to(request, reverse("review:calibration"))
    status = 422 if form.is_bound else 200
    return respond(request, "review/calibration_new.html", {"form": form}, status=status)


@page(access=leads)
@require_POST
def withdraw(request: HttpRequest, item_id: int) -> HttpResponse:
    """Give an item to nobody any more."""
    withdraw_calibration_item(person=person_of(request), item_id=item_id)
    messages.success(request, "Withdrawn. What came of it stays in the figures.")
    return go_to(request, reverse("review:calibration"))


@page(access=leads)
@require_GET
def results(request: HttpRequest) -> HttpResponse:
    """What came of the items, one row a verdict."""
    found = calibration_results(person_of(request), request.GET.dict())
    return respond(request, "review/calibration_results.html", {"page": paged(found, request.GET)})
