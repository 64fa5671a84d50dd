"""The one button: what a reviewer gets next, ordinary work or a calibration item, by its address."""

from experts.models import User
from experts.rules import require_accepted
from review.routing import due_before
from review.services.calibrate import next_sitting
from review.services.claim_seat import hand_out
from review.services.give_verdict import settle_due


def take_next(*, person: User, after: int | None = None) -> int:
    """The address (a number) of this person's next review. Raises NothingToReview."""
    require_accepted(person)
    due = due_before(person)
    if due.verdicts:
        settle_due()
    sitting = next_sitting(person=person) if due.calibration else None
    if sitting is not None and sitting.pk != after:
        return sitting.pk
    return hand_out(person=person, after=after).pk
