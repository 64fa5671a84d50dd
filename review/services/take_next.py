"""The one button: what a reviewer gets next, ordinary work or a calibration item, by its address."""

from django.db import transaction
from django.utils import timezone

from experts.errors import AgreementsOpen
from experts.models import User
from review.errors import NothingElseToReview, NothingToReview, NotYourSeat
from review.models import Seat
from review.queries import MINE, open_sittings_of, put_aside_by
from review.routing import before_queue
from review.services.calibrate import next_sitting
from review.services.claim_seat import go_on, hand_out, take_seat
from review.services.give_verdict import settle_due


def take_next(*, person: User, after: int | None = None) -> int:
    """The address (a number) of this person's next review; what they put aside comes last, the earliest first.

    Raises NothingToReview.
    """
    try:
        return _take_fresh(person=person, after=after)
    except NothingToReview:
        aside = put_aside_by(person)
        if not aside:
            raise
        return _take_up(person=person, address=aside[0])


def take_another(*, person: User, address: int) -> int:
    """Put an open review aside and go on to one that was not. Raises NothingElseToReview when there is none."""
    _put_aside(person=person, address=address)
    try:
        return _take_fresh(person=person, after=address)
    except NothingToReview:
        raise NothingElseToReview from None


def _take_fresh(*, person: User, after: int | None) -> int:
    before = before_queue(person, after=after)
    if before.agreements:
        raise AgreementsOpen
    if before.verdicts:
        settle_due()
    sitting = next_sitting(person=person) if before.calibration else None
    if sitting is not None and sitting.pk != after and sitting.put_aside_at is None:
        return sitting.pk
    if before.held and go_on(person=person, seat_id=before.held):
        return before.held
    return hand_out(person=person, after=after)


@transaction.atomic
def _put_aside(*, person: User, address: int) -> None:
    seats = Seat.objects.filter(pk=address, reviewer=person, state__in=MINE)
    for found in (seats, open_sittings_of(person).filter(pk=address)):
        if found.update(put_aside_at=timezone.now()):
            return
    raise NotYourSeat


def _take_up(*, person: User, address: int) -> int:
    if not open_sittings_of(person).filter(pk=address).update(put_aside_at=None):
        take_seat(person=person, seat_id=address)
    return address
