"""What is waiting for me to review, by stage."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from experts.errors import AgreementsOpen
from experts.queries import roles_of
from experts.rules import people_with
from lib.errors import DomainError
from lib.htmx import go_to, respond
from lib.http import page
from review.errors import NothingToReview
from review.queries import undoable_by, waiting_for, with_person
from review.services.claim_seat import take_seat
from review.services.take_next import take_another
from review.services.take_next import take_next as take_next_after
from review.views.person import person_of

reviewers = people_with("expert", "format", "lead")


@page(access=reviewers)
def home(request: HttpRequest) -> HttpResponse:
    """Held and returned reviews first, then what is free in each stage."""
    mine = with_person(person_of(request))
    context = {
        "mine": mine,
        "first": [seat for seat in mine if seat.put_aside_at is None],
        "waiting": waiting_for(person_of(request)),
        "undoable": undoable_by(person_of(request)),
        "roles": roles_of(person_of(request)),
    }
    return respond(request, "review/home.html", context)


@page(access=reviewers)
@require_POST
def take_next(request: HttpRequest) -> HttpResponse:
    """Open the next review, whatever it is; without one, say what comes next."""
    return go_to(request, next_address(request))


@page(access=reviewers)
@require_POST
def put_aside(request: HttpRequest, seat_id: int) -> HttpResponse:
    """Leave a review for later and open another one."""
    person = person_of(request)
    return go_to(request, _address(lambda: take_another(person=person, address=seat_id), request))


@page(access=reviewers)
@require_POST
def take(request: HttpRequest, seat_id: int) -> HttpResponse:
    """Go on with a review that is with me or came back to me."""
    seat = take_seat(person=person_of(request), seat_id=seat_id)
    return go_to(request, reverse("review:seat", args=[seat.pk]))


def next_address(request: HttpRequest, *, after: int | None = None) -> str:
    """Where the next review is, claimed; the overview when there is none."""
    person = person_of(request)
    return _address(lambda: take_next_after(person=person, after=after), request)


def _address(take: Callable[[], int], request: HttpRequest) -> str:
    try:
        address = take()
    except NothingToReview as nothing:
        messages.info(request, f"{nothing.message} {nothing.advice}")
        return reverse("review:home")
    except AgreementsOpen:
        return f"{reverse('people:agreements')}?next={reverse('review:home')}"
    except DomainError as refusal:
        messages.error(request, f"{refusal.message} {refusal.advice}")
        return reverse("review:home")
    return reverse("review:seat", args=[address])
