"""A decision against a person: its evidence, and the appeal."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from experts.forms.people import AppealDecisionForm
from experts.models import Appeal, Measure
from experts.queries import adjudicators_of
from experts.rules import person_of, see_person
from experts.services.appeals import appeal as open_appeal
from experts.services.appeals import decide_appeal
from lib.http import page, signed_in


@page(access=signed_in)
def measure(request: HttpRequest, pk: int) -> HttpResponse:
    """What was decided and on what it rests, for the person and their leads."""
    viewer = person_of(request)
    found = get_object_or_404(
        Measure.objects.select_related("person", "project", "decided_by", "credential", "attempt"),
        pk=pk,
    )
    judges = adjudicators_of(found)
    may_judge = judges.filter(pk=viewer.pk).exists()
    if not may_judge:
        see_person.require(viewer, found.person)
    made = Appeal.objects.filter(measure=found).first()
    context = {
        "measure": found,
        "appeal": made,
        "own": found.person_id == viewer.pk,
        "may_judge": may_judge and made is not None and not made.outcome,
        "form": AppealDecisionForm(),
    }
    return render(request, "experts/measure.html", context)


@page(access=signed_in)
@require_POST
def appeal(request: HttpRequest, pk: int) -> HttpResponse:
    """Appeal against a decision about oneself."""
    found = get_object_or_404(Measure, pk=pk)
    open_appeal(person=person_of(request), measure=found, text=request.POST.get("text", ""))
    messages.success(request, "Your appeal is open. Somebody who took no part decides it.")
    return redirect("people:measure", pk=pk)


@page(access=signed_in)
@require_POST
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Decide an appeal."""
    made = get_object_or_404(Appeal, measure=pk)
    outcome = "overturned" if request.POST.get("outcome") == "overturned" else "upheld"
    decide_appeal(
        judge=person_of(request), made=made, outcome=outcome, answer=request.POST.get("answer", "")
    )
    messages.success(request, "Decided. The person has been told.")
    return redirect("people:measure", pk=pk)
