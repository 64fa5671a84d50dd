"""Verdicts, through the services."""

from review.enums import Verdict
from review.services.claim_seat import take_next_review
from review.services.submit_review import submit_review


def judged(reviewer, verdict=Verdict.APPROVE, note="", **fields):
    """The next review of `reviewer`, decided; returns the review."""
    seat = take_next_review(person=reviewer)
    needs_words = verdict not in {Verdict.APPROVE, Verdict.RECUSE}
    return submit_review(
        person=reviewer,
        seat_id=seat.pk,
        revision_id=seat.revision_id,
        verdict=verdict,
        note=note or ("Please name the dose." if needs_words else ""),
        **fields,
    )
