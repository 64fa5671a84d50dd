"""Refusals of the reviewing side, by name."""

from lib.errors import Conflict, Invalid, NotAllowed, NotFound, Stale


class NothingToReview(NotFound):
    """No seat fits this person now."""

    code = "nothing_to_review"
    http_status = 409
    message = "Nothing is waiting for your review right now."
    advice = "Responses arrive here as experts hand them in."


class NotYourSeat(NotAllowed):
    """This person does not hold the seat."""

    code = "not_your_seat"
    message = "This review is not with you."
    advice = "Open “Review” to see what is waiting for you."


class SeatLost(Conflict):
    """The lease of the seat ran out and somebody else took it."""

    code = "seat_lost"
    message = "Your time on this review ran out and it was given to somebody else."
    advice = "What you wrote is kept below."


class RevisionMovedOn(Stale):
    """The verdict was made on a revision that is no longer the current one."""

    code = "revision_moved_on"
    message = "The response has changed since you opened it, so this verdict does not fit it."
    advice = "Your words are kept below. Open the review again to see the newest revision."


class VerdictIncomplete(Invalid):
    """Something that the verdict needs is missing."""

    code = "verdict_incomplete"
    message = "This verdict needs a reason."
    advice = "Say in a few words what should change, or why."


class ReviewerNotQualified(NotAllowed):
    """No valid credential covers the domain at this moment."""

    code = "reviewer_not_qualified"
    message = "You hold no valid credential for this field at the moment."
    advice = "What you wrote is kept below. Renew the credential on your page; the review waits."
