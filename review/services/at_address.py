"""The verbs of a review page by its address, which does not tell a seat from a calibration item."""

from django.utils import timezone

from experts.models import User
from review.enums import Verdict
from review.errors import NoSeatHere
from review.judgement import Judgement
from review.models import CalibrationSitting, Seat
from review.services.calibrate import (
    comment_in_sitting,
    decide_sitting,
    keep_sitting,
    repair_sitting,
    undo_sitting,
)
from review.services.comment import add_comment
from review.services.give_verdict import give_verdict, undo_verdict
from review.services.keep_draft import keep_draft
from review.services.repair import repair_form


def give(
    *, person: User, address: int, revision_id: int, verdict: Verdict, judgement: Judgement
) -> bool:
    """Decide here; whether the verdict can still be undone."""
    given: Seat | CalibrationSitting
    try:
        given = give_verdict(
            person=person,
            seat_id=address,
            revision_id=revision_id,
            verdict=verdict,
            judgement=judgement,
        )
    except NoSeatHere:
        given = decide_sitting(
            person=person, sitting_id=address, verdict=verdict, judgement=judgement
        )
    return given.settles_at is not None and given.settles_at > timezone.now()


def keep(*, person: User, address: int, judgement: Judgement) -> None:
    """Keep what is typed so far."""
    if _is_sitting(person, address):
        keep_sitting(person=person, sitting_id=address, judgement=judgement)
    else:
        keep_draft(person=person, seat_id=address, judgement=judgement)


def mend(*, person: User, address: int, revision_id: int, text: str) -> bool:
    """Store a repair; whether only the form changed, so that the review goes on here."""
    try:
        made = repair_form(person=person, seat_id=address, revision_id=revision_id, text=text)
    except NoSeatHere:
        return repair_sitting(person=person, sitting_id=address, text=text)
    return made.form_only


def undo_given(*, person: User, address: int) -> None:
    """Take the verdict back while that is possible."""
    if _is_sitting(person, address):
        undo_sitting(person=person, sitting_id=address)
    else:
        undo_verdict(person=person, seat_id=address)


def remark(
    *,
    person: User,
    address: int,
    body: str,
    quote: str,
    prefix: str,
    suffix: str,
    suggestion: str | None,
) -> None:
    """Comment on a passage."""
    if _is_sitting(person, address):
        comment_in_sitting(
            person=person, sitting_id=address, body=body, quote=quote, suggestion=suggestion
        )
    else:
        add_comment(
            person=person,
            seat_id=address,
            body=body,
            quote=quote,
            prefix=prefix,
            suffix=suffix,
            suggestion=suggestion,
        )


def _is_sitting(person: User, address: int) -> bool:
    return CalibrationSitting.objects.filter(pk=address, reviewer=person).exists()
