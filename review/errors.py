"""Refusals of the reviewing side, by name."""

from lib.errors import Conflict, Invalid, NotAllowed, NotFound, Stale


class NothingToReview(NotFound):
    """No seat fits this person now."""

    code = "nothing_to_review"
    http_status = 409
    message = "Nothing is waiting for your review right now."
    advice = "Responses arrive here as experts hand them in."


class NothingElseToReview(NothingToReview):
    """All that this person could go on with they have put aside."""

    code = "nothing_else_to_review"
    message = "No other review is there for you right now."
    advice = "What you put aside stays with you, and is listed here."


class NotYourSeat(NotAllowed):
    """This person does not hold the seat."""

    code = "not_your_seat"
    message = "This review is not with you."
    advice = "Open “Review” to see what is waiting for you."


class NoSeatHere(NotYourSeat):
    """No seat has this address."""


class SeatLost(Conflict):
    """The lease of the seat ran out and somebody else took it."""

    code = "seat_lost"
    message = "Your time on this review ran out, so it went back to the queue."
    advice = "What you wrote is kept below, and comes back to you if the review does."


class RevisionMovedOn(Stale):
    """The verdict was made on a revision that is no longer the current one."""

    code = "revision_moved_on"
    message = "The response has changed since you opened it, so this verdict does not fit it."
    advice = "Your words are kept below. Open the review again to see the newest revision."


class AlreadyDecided(RevisionMovedOn):
    """The seat has its verdict, perhaps from another window of the same person."""

    message = "This review is already decided."
    advice = (
        "Nothing of it was changed, and your words are kept below. "
        "“Your verdicts” shows what was decided."
    )


class NoSuchReviewer(NotFound):
    """Nobody of this number reviewed in this stage of the projects one leads."""

    code = "no_such_reviewer"
    message = "Nobody with this number has reviewed here."
    advice = "Open “Quality figures” and choose somebody from the list."


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


class AuthorUnderAnotherName(NotAllowed):
    """The author of the response holds a credential with the reviewer's own register number."""

    code = "author_under_another_name"
    message = "The author of this response is on record with the same register number as you."
    advice = (
        "Nobody reviews their own work, so press “Outside my field”; what you wrote is kept below. "
        "If the number is wrong, have a lead look at both credentials."
    )


class EvidenceUnanswered(Invalid):
    """The project asks for words about a flag in the writing evidence before approval."""

    code = "evidence_unanswered"
    message = (
        "The writing evidence carries a flag that this project wants answered before approval."
    )
    advice = "Say in “Answer to the evidence” what you make of it. A flag informs; you decide."


class UndoTooLate(Conflict):
    """The verdict has been recorded, or somebody already works on from it."""

    code = "undo_too_late"
    message = "This verdict is already on record, so it cannot be undone any more."
    advice = "Verdicts stay for good. A lead can send the task to adjudication if it was a slip."


class PassageGone(Invalid):
    """A comment names a passage that the text does not hold."""

    code = "passage_gone"
    message = "That passage is not in the response as it stands now."
    advice = (
        "Your words are kept below. Select the passage again, or comment on the whole response."
    )


class SuggestionNotOpen(Conflict):
    """A suggested edit is answered while its response is being written, at no other time."""

    code = "suggestion_not_open"
    message = "A suggested edit is answered while you write."
    advice = "Press “Go on with it” first; the suggestions stand beside your text."


class EditNotMade(Conflict):
    """A suggested edit was called taken over, and the draft does not hold it."""

    code = "edit_not_made"
    message = "The suggested words are not in your text yet."
    advice = "Make the edit in your text, wait for “Saved”, then take it over again."


class RepairRefused(Conflict):
    """A repair that cannot be made here."""

    code = "repair_refused"
    message = "This repair could not be stored."
    advice = "Your text is kept below. Request changes instead, so that the author makes the edit."


class AppealRefused(Conflict):
    """There is no verdict to appeal, or it has been appealed."""

    code = "appeal_refused"
    message = "There is no verdict that could be appealed here."
    advice = "An appeal is possible once after each verdict that asks for changes or rejects."
