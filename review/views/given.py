"""One's own verdicts: the list, and each review as it was."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from lib.htmx import respond
from lib.http import page
from review.desk import given_desk
from review.enums import Verdict
from review.given import Wanted, given_by, projects_judged_by
from review.views.home import reviewers
from review.views.person import person_of
from review.views.seat import show


@page(access=reviewers)
@require_GET
def own(request: HttpRequest) -> HttpResponse:
    """What this person decided, newest first, with what became of it."""
    person, query = person_of(request), request.GET.dict()
    context = {
        "page": given_by(person, query),
        "wanted": Wanted.of(query),
        "is_narrowed": any(value for name, value in query.items() if name != "before"),
        "projects": projects_judged_by(person),
        "verdicts": Verdict.choices,
    }
    return respond(request, "review/own.html", context)


@page(access=reviewers)
@require_GET
def as_it_was(request: HttpRequest, seat_id: int, round_: int) -> HttpResponse:
    """One of them with the revision it judged; nothing can be changed here."""
    return show(request, given_desk(person_of(request), seat_id, round_))
