"""The one button: what a reviewer gets next, ordinary work or a calibration item, by its address."""

from experts.models import User
from review.services.calibrate import next_sitting
from review.services.claim_seat import take_next_review


def take_next(*, person: User, after: int | None = None) -> int:
    """The address (a number) of this person's next review. Raises NothingToReview."""
    sitting = next_sitting(person=person)
    if sitting is not None and sitting.pk != after:
        return sitting.pk
    return take_next_review(person=person, after=after).pk
