"""Give the next review to one person, and only to one, however many ask at once."""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from annotation.models import Question
from annotation.project_settings import setting
from audit.services import record
from experts.models import User
from experts.queries import valid_credential
from experts.rules import hold_role, require_accepted, require_at_work
from review.enums import SeatState
from review.errors import AuthorUnderAnotherName, NothingToReview, NotYourSeat, ReviewerNotQualified
from review.models import KeptWords, Seat
from review.routing import is_same_person, lock_person, next_seat_id, own_seat_id
from review.services.give_verdict import settle_due, settle_queue
from review.stages import PIPELINE, by_slug


def take_next_review(*, person: User, after: int | None = None) -> Seat:
    """What this person reviews next: what they hold, what came back to them, then the queues.

    `after` is a seat to look past; what they put aside is not given again here. Where the queues are empty,
    verdicts that may still be undone are recorded at once if they could bring this person a review: nobody
    who waits is sent away because somebody else might change their mind. Raises NothingToReview.
    """
    require_accepted(person)
    settle_due()
    return hand_out(person=person, after=after)


def hand_out(*, person: User, after: int | None = None) -> Seat:
    """The next review for somebody who may work, once what is due has been recorded."""
    seat = _take(person=person, after=after)
    if seat is None and settle_queue(person):
        seat = _take(person=person, after=after)
    if seat is None:
        raise NothingToReview
    return seat


@transaction.atomic
def take_seat(*, person: User, seat_id: int) -> Seat:
    """Go on with a seat that this person holds or that came back to them."""
    seat = Seat.objects.select_for_update().filter(pk=seat_id, reviewer=person).first()
    if seat is None or seat.state not in {SeatState.HELD, SeatState.RESERVED}:
        raise NotYourSeat
    if seat.state == SeatState.RESERVED:
        require_at_work(seat.project_id)
    return _lease(seat, person)


@transaction.atomic
def take_free_seat(*, person: User, seat_id: int) -> Seat:
    """Take one free review by choice; the same rules hold as for the next one."""
    seat = (
        Seat.objects.select_for_update(of=("self",))
        .select_related("project", "domain", "revision__project_version")
        .filter(pk=seat_id)
        .first()
    )
    if seat is None or seat.state != SeatState.OPEN:
        raise NothingToReview("Somebody else has taken this review.", advice="Choose another one.")
    stage = by_slug(seat.stage)
    hold_role.require(person, seat.project, stage.role)
    require_at_work(seat.project_id)
    involved = Seat.objects.filter(task=seat.task_id, reviewer=person).exists()
    asked = (
        seat.stage != "adjudication"
        and Question.objects.filter(task=seat.task_id, to=person).exists()
    )
    if involved or asked or seat.task.assignments.filter(expert=person).exists():
        raise NothingToReview(
            "You have a part in this response already.", advice="Choose another one."
        )
    if is_same_person(person, seat.author_id):
        raise AuthorUnderAnotherName
    if stage.needs_credential and valid_credential(person, seat.domain) is None:
        raise ReviewerNotQualified
    return _lease(seat, person)


@transaction.atomic
def _take(*, person: User, after: int | None) -> Seat | None:
    # Two tabs that ask in the same moment get the same review.
    lock_person(person)
    free = (next_seat_id(person, stage, after=after) for stage in PIPELINE)
    seat_id = own_seat_id(person, after=after) or next(filter(None, free), None)
    if seat_id is None:
        return None
    seats = Seat.objects.select_for_update(of=("self",)).select_related("revision__project_version")
    return _lease(seats.get(pk=seat_id), person)


def lease_free_seat(seat: Seat, person: User) -> Seat:
    """Give a locked, free seat to a person who chose it."""
    return _lease(seat, person)


def _lease(seat: Seat, person: User) -> Seat:
    taken = seat.state != SeatState.HELD
    if taken:
        seat.draft = _words_kept(seat, person) or seat.draft
    minutes = setting(seat.revision.project_version, "review_lease_minutes")
    seat.reviewer = person
    seat.state = SeatState.HELD
    seat.leased_until = timezone.now() + timedelta(minutes=minutes)
    seat.put_aside_at = None
    seat.save(update_fields=["reviewer", "state", "leased_until", "put_aside_at", "draft"])
    if taken:
        record(
            verb="review.seat_taken",
            actor=person,
            target=seat,
            project_id=seat.project_id,
            task=seat.task_id,
            stage=seat.stage,
        )
    return seat


def _words_kept(seat: Seat, person: User) -> dict[str, Any]:
    """What this person had typed before they lost the seat, if they did."""
    kept = KeptWords.objects.filter(seat=seat, person=person).values_list("draft", flat=True)
    return next((dict(draft) for draft in kept), {})


def lapse_seats(*, limit: int = 500) -> int:
    """Free first-round seats whose lease ran out; a later round waits for the same reviewer."""
    overdue = Seat.objects.filter(state=SeatState.HELD, leased_until__lt=timezone.now())
    return sum(_lapse(pk) for pk in overdue.values_list("pk", flat=True)[:limit])


@transaction.atomic
def _lapse(seat_id: int) -> bool:
    seat = Seat.objects.select_for_update().get(pk=seat_id)
    if (
        seat.state != SeatState.HELD
        or seat.leased_until is None
        or seat.leased_until >= timezone.now()
    ):
        return False
    known = seat.reviews.filter(reviewer=seat.reviewer).exists()
    record(
        verb="review.seat_lapsed",
        target=seat,
        project_id=seat.project_id,
        reviewer=seat.reviewer_id,
        task=seat.task_id,
    )
    if not known:
        _keep_words(seat)
    seat.state = SeatState.RESERVED if known else SeatState.OPEN
    seat.reviewer = seat.reviewer if known else None
    seat.leased_until = None
    seat.save(update_fields=["state", "reviewer", "leased_until", "draft"])
    return True


def _keep_words(seat: Seat) -> None:
    """Put aside what the person typed: it is theirs, and not for whoever sits here next."""
    KeptWords.objects.update_or_create(
        seat=seat, person=seat.reviewer, defaults={"draft": seat.draft, "kept_at": timezone.now()}
    )
    seat.draft = {}
