"""The review page: instruction and evidence on one side, response, criteria and verdict on the other."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_GET, require_POST

from annotation.provenance import readings
from annotation.services.read_log import as_json, log_as_json
from annotation.stepping import some_steps
from lib.errors import DomainError
from lib.htmx import go_to, respond
from lib.http import page
from review.desk import Desk, desk_of
from review.enums import Cause, Covered, Gravity, Mark, QualityClass, SourceMark, Use
from review.errors import NotYourSeat, SeatLost
from review.forms.verdict import judgement_in, revision_in, verdict_in
from review.judgement import Judgement
from review.queries import DONE, undoable_by
from review.services.at_address import give, keep, undo_given
from review.views.home import next_address, reviewers
from review.views.person import person_of


@page(access=reviewers)
@require_GET
def seat(request: HttpRequest, seat_id: int) -> HttpResponse:
    """One review. Opening it changes nothing."""
    return show(request, desk_of(person_of(request), seat_id))


@page(access=reviewers)
@require_POST
def verdict(request: HttpRequest, seat_id: int) -> HttpResponse:
    """Give a verdict and go on to the next review; what is refused comes back with every word in place."""
    person, said = person_of(request), judgement_in(request.POST)
    try:
        chosen = verdict_in(request.POST)
        waits = give(
            person=person,
            address=seat_id,
            revision_id=revision_in(request.POST),
            verdict=chosen,
            judgement=said,
        )
    except DomainError as refusal:
        return _refused(request, seat_id, said, refusal)
    if not waits:  # else the offer to undo it says so
        messages.success(request, DONE[chosen])
    return go_to(request, next_address(request, after=seat_id))


def _refused(
    request: HttpRequest, address: int, said: Judgement, refusal: DomainError
) -> HttpResponse:
    """The page again with every word in its place; where nothing can be said here any more, the words alone."""
    person, refusal.kept_text = person_of(request), said.words
    try:
        keep(person=person, address=address, judgement=said)
        return show(request, desk_of(person, address), refusal=refusal)
    except (NotYourSeat, SeatLost):
        raise refusal from None


@page(access=reviewers)
@require_POST
def draft(request: HttpRequest, seat_id: int) -> HttpResponse:
    """Keep what is typed so far."""
    keep(person=person_of(request), address=seat_id, judgement=judgement_in(request.POST))
    return HttpResponse(status=204)


@page(access=reviewers)
@require_GET
def evidence(request: HttpRequest, seat_id: int) -> HttpResponse:
    """How the response came about, with its replay. Evidence for a person to weigh, never a verdict."""
    desk = desk_of(person_of(request), seat_id)
    context = {
        "desk": desk,
        "revision": desk.revision,
        "summary": desk.revision.log_summary,
        "readings": readings(desk.revision.log_summary),
        "log_url": reverse("review:log", args=[seat_id]),
    }
    return respond(request, "review/evidence.html", context)


@page(access=reviewers)
@require_GET
def log(request: HttpRequest, seat_id: int) -> HttpResponse:
    """The edits of the writing log up to the revision under review."""
    desk = desk_of(person_of(request), seat_id)
    revision = desk.revision
    if desk.is_calibration:
        return JsonResponse(as_json(desk.record))
    return JsonResponse(log_as_json(revision.assignment, upto=revision.log_sequence))


@page(access=reviewers)
@require_POST
def undo(request: HttpRequest, seat_id: int) -> HttpResponse:
    """Take back a verdict within its undo time."""
    undo_given(person=person_of(request), address=seat_id)
    messages.info(request, "Your verdict is taken back. Everything you had typed is here again.")
    return go_to(request, reverse("review:seat", args=[seat_id]))


def preview_url(address: int) -> str:
    """Where releases show this response as a model sees it: a part above this one, known by address only."""
    try:
        return reverse("datasets:review-preview", args=[address])
    except NoReverseMatch:
        return ""


def show(request: HttpRequest, desk: Desk, refusal: DomainError | None = None) -> HttpResponse:
    """The page of one desk, with what was refused there, if something was."""
    marks = [
        (criterion, desk.said.criteria.get(criterion.id) or {})
        for criterion in desk.rubric.criteria
    ]
    requirements = [
        (
            requirement,
            desk.said.coverage.get(str(requirement["id"])) or {},
            desk.answered.get(str(requirement["id"])) or {},
        )
        for requirement in desk.instruction.requirements
    ]
    run = some_steps(desk.run, request.GET.get("from", "")) if desk.run else None
    context = {
        "desk": desk,
        "marks": marks,
        "requirements": requirements,
        "run": run,
        "run_words": desk.typed(run) if run else [],
        "refusal": refusal,
        "threads": desk.threads_now,
        "preview_url": preview_url(desk.seat.pk),
        "readings": readings(desk.revision.log_summary),
        "summary": desk.revision.log_summary,
        "revision": desk.revision,
        "undoable": undoable_by(person_of(request)),
        "mark_choices": Mark.choices,
        "severities": Gravity.choices,
        "covered_choices": Covered.choices,
        "classes": QualityClass.choices,
        "uses": Use.choices,
        "causes": Cause.choices,
        "source_choices": SourceMark.choices,
    }
    status = refusal.http_status if refusal else 200
    return respond(request, "review/seat.html", context, status=status)
