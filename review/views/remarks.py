"""What a reviewer does to the text from their seat: comments on passages, repairs of form."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from lib.errors import DomainError
from lib.htmx import go_to
from lib.http import page
from review.desk import desk_of
from review.errors import NotYourSeat
from review.forms.verdict import revision_in
from review.services.at_address import mend, remark
from review.views.home import next_address, reviewers
from review.views.person import person_of


@page(access=reviewers)
@require_POST
def comment(request: HttpRequest, seat_id: int) -> HttpResponse:
    """Add a comment, on the passage that was selected; a refusal keeps what was typed."""
    person, refusal = person_of(request), None
    try:
        remark(
            person=person,
            address=seat_id,
            body=request.POST.get("body", ""),
            quote=request.POST.get("quote", ""),
            prefix=request.POST.get("prefix", ""),
            suffix=request.POST.get("suffix", ""),
            suggestion=request.POST.get("suggestion", "") if request.POST.get("suggests") else None,
        )
    except DomainError as error:
        if not getattr(request, "htmx", None):
            raise
        refusal = error
    if not getattr(request, "htmx", None):
        return go_to(request, reverse("review:seat", args=[seat_id]) + "#comments")
    try:
        desk = desk_of(person, seat_id)
    except NotYourSeat:
        raise refusal or NotYourSeat from None
    context = {
        "desk": desk,
        "threads": desk.threads_now,
        "refused_comment": refusal,
        "typed": request.POST if refusal else {},
    }
    return render(
        request, "review/_comments.html", context, status=refusal.http_status if refusal else 200
    )


@page(access=reviewers)
@require_POST
def repair(request: HttpRequest, seat_id: int) -> HttpResponse:
    """Store a repair of form; a change of meaning sends the task to the expert and the reviewer on."""
    form_only = mend(
        person=person_of(request),
        address=seat_id,
        revision_id=revision_in(request.POST),
        text=request.POST.get("text", ""),
    )
    if form_only:
        messages.success(
            request, "Your repair is stored as a new revision. No word and no figure changed."
        )
        return go_to(request, reverse("review:seat", args=[seat_id]))
    messages.info(
        request,
        "Your edit touches the meaning, so the response is back with the expert who passed it.",
    )
    return go_to(request, next_address(request, after=seat_id))
