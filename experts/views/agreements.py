"""Read and accept what work rests on; publish new versions."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme

from experts.enums import AgreementKind
from experts.models import Agreement
from experts.queries import agreements_of, current_agreements, open_agreements
from experts.rules import person_of
from experts.services.agreements import accept_agreements, publish_agreement
from lib.http import administrators, page, signed_in


@page(access=signed_in)
def agreements(request: HttpRequest) -> HttpResponse:
    """The current versions; accepting those that are named on the page is a deliberate step."""
    person = person_of(request)
    waiting = open_agreements(person)
    back = request.POST.get("next") or request.GET.get("next", "")
    if request.method == "POST":
        ticked = {int(pk) for pk in request.POST.getlist("agreement") if pk.isdigit()}
        missing = [one for one in waiting if one.pk not in ticked]
        accept_agreements(person=person, agreements=[one for one in waiting if one.pk in ticked])
        if not missing:
            messages.success(request, "Thank you. Your acceptance is on record.")
            safe = url_has_allowed_host_and_scheme(back, {request.get_host()})
            return redirect(back if safe and back else "home")
        messages.warning(
            request,
            "Please tick what you have read. Work goes on once everything here is accepted.",
        )
        waiting = missing
    context = {
        "current": sorted(current_agreements(), key=lambda one: one not in waiting),
        "waiting": {one.pk for one in waiting},
        "accepted": agreements_of(person),
        "next": back,
    }
    return render(request, "experts/agreements.html", context)


@page(access=administrators)
def publish(request: HttpRequest) -> HttpResponse:
    """Publish the next version of an agreement; everybody is asked again before their next task."""
    kind = request.POST.get("kind") or request.GET.get("kind") or AgreementKind.CONTRIBUTOR
    newest = Agreement.objects.filter(kind=kind).first()
    if (
        request.method == "POST"
        and request.POST.get("text", "").strip()
        and kind in AgreementKind.values
    ):
        made = publish_agreement(
            kind=kind,
            title=request.POST.get("title", "") or AgreementKind(kind).label,
            text=request.POST["text"],
            actor=person_of(request),
        )
        messages.success(request, f"Version {made.version} is published.")
        return redirect("people:agreements")
    context = {"kinds": AgreementKind.choices, "kind": kind, "newest": newest}
    return render(request, "experts/agreement_publish.html", context)
