"""The grid of what waits for a format review: filters, saved views, a pass in bulk for what is all green."""

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from experts.rules import people_with
from lib.htmx import go_to, respond
from lib.http import page
from review.queries import checks_found, filters_in, is_green, ready_for, views_of, waiting_domains
from review.services.bulk_pass import bulk_pass
from review.services.claim_seat import take_free_seat
from review.services.give_verdict import settle_due
from review.services.saved_views import delete_view, save_view
from review.views.person import person_of

format_reviewers = people_with("format")


@page(access=format_reviewers)
@require_GET
def ready(request: HttpRequest) -> HttpResponse:
    """What is free, oldest first, narrowed by filters."""
    person = person_of(request)
    wanted = filters_in(request.GET.dict())
    context = {
        "seats": [(seat, is_green(seat)) for seat in ready_for(person, wanted)],
        "wanted": wanted,
        "checks": checks_found(person),
        "domains": waiting_domains(person),
        "views": views_of(person),
        "query": urlencode({key: value for key, value in request.GET.items() if value}),
    }
    return respond(request, "review/ready.html", context)


@page(access=format_reviewers)
@require_POST
def pass_all(request: HttpRequest) -> HttpResponse:
    """Approve the chosen all-green items, except those the lot keeps back."""
    chosen = [
        int(value)
        for value in request.POST.getlist("seat")
        if value.isdecimal() and len(value) < 19
    ]
    settle_due()
    outcome = bulk_pass(person=person_of(request), seat_ids=chosen)
    if not chosen:
        messages.warning(
            request, "Nothing was chosen. Tick the items that should pass, then press the button."
        )
    if outcome.passed:
        messages.success(request, f"{len(outcome.passed)} passed.")
    if outcome.drawn:
        words = f"{len(outcome.drawn)} drawn by lot to be read one by one: they are with you now."
        messages.info(request, words)
    for reason in sorted(set(outcome.refused)):
        messages.warning(request, reason)
    if outcome.drawn:
        return go_to(request, reverse("review:home"))
    return go_to(request, _grid(request.POST.get("query", "")))


@page(access=format_reviewers)
@require_POST
def choose(request: HttpRequest, seat_id: int) -> HttpResponse:
    """Take one item out of the grid."""
    seat = take_free_seat(person=person_of(request), seat_id=seat_id)
    return go_to(request, reverse("review:seat", args=[seat.pk]))


@page(access=format_reviewers)
@require_POST
def keep_view(request: HttpRequest) -> HttpResponse:
    """Keep the filters under a name, or forget one."""
    query = request.POST.get("query", "")
    forget = request.POST.get("forget", "")
    if forget.isdecimal():
        delete_view(person=person_of(request), view_id=int(forget))
    else:
        save_view(person=person_of(request), name=request.POST.get("name", ""), query=query)
    return go_to(request, _grid("" if forget else query))


def _grid(query: str) -> str:
    """The grid with these filters."""
    return reverse("review:ready") + (f"?{query}" if query else "")
