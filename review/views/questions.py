"""Questions from a review to people by name, asked and answered in place."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from lib.htmx import go_to, respond
from lib.http import page, signed_in
from review.asking import asking_at
from review.services.ask import answer_here, ask_here
from review.views.person import person_of


@page(access=signed_in)
@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest, seat_id: int) -> HttpResponse:
    """The threads of a review, for those who take part in them. POST asks, or answers a `thread`."""
    person, sent = person_of(request), ""
    if request.method == "POST":
        sent = _said(request, seat_id)
        if not getattr(request, "htmx", None):
            messages.success(request, sent)
            return go_to(request, reverse("review:ask", args=[seat_id]))
    asking = asking_at(person, seat_id)
    context = {
        "asking": asking,
        "instruction": asking.instruction,
        "threads": asking.threads,
        "people_to_ask": asking.people,
        "ask_url": reverse("review:ask", args=[seat_id]),
        "address": seat_id,
        "sent": sent,
    }
    if sent:
        return render(request, "annotation/_questions.html", context)
    return respond(request, "review/ask.html", context)


def _said(request: HttpRequest, address: int) -> str:
    thread, body = request.POST.get("thread", ""), request.POST.get("body", "")
    if thread.isdecimal() and len(thread) < 19:
        answer_here(person=person_of(request), address=address, thread_id=int(thread), body=body)
        return "Sent."
    ask_here(person=person_of(request), address=address, to=request.POST.get("to", ""), body=body)
    return "Sent. You are told when there is an answer."
