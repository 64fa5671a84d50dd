"""Give the next review to one person, and only to one, however many ask at once."""

from django.db import transaction
from django.utils import timezone

from annotation.models import Question
from annotation.project_settings import DEFAULTS
from audit.services import record
from experts.models import User
from experts.queries import lock_person, valid_credential
from experts.rules import hold_role, require_accepted, require_at_work
from lib.prepared import prepared
from review.enums import SeatState
from review.errors import AuthorUnderAnotherName, NothingToReview, NotYourSeat, ReviewerNotQualified
from review.models import KeptWords, Seat
from review.routing import is_same_person, next_seat_id, reach_of
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
    return Seat.objects.get(pk=hand_out(person=person, after=after))


def hand_out(*, person: User, after: int | None = None) -> int:
    """The next review (its key) for somebody who may work, once what is due has been recorded."""
    seat_id = _take(person=person, after=after)
    if seat_id is None and settle_queue(person):
        seat_id = _take(person=person, after=after)
    if seat_id is None:
        raise NothingToReview
    return seat_id


@transaction.atomic
def take_seat(*, person: User, seat_id: int) -> Seat:
    """Go on with a seat that this person holds or that came back to them."""
    seat = Seat.objects.select_for_update().filter(pk=seat_id, reviewer=person).first()
    if seat is None or seat.state not in {SeatState.HELD, SeatState.RESERVED}:
        raise NotYourSeat
    if seat.state == SeatState.RESERVED:
        require_at_work(seat.project_id)
    _lease(person, seat.pk, found=seat.state)
    seat.refresh_from_db()
    return seat


def go_on(*, person: User, seat_id: int) -> bool:
    """Renew the lease of a seat that this person was just seen to hold; False when they hold it no more."""
    try:
        _lease(person, seat_id, found=SeatState.HELD)
    except NotYourSeat:
        return False
    return True


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
    _lease(person, seat.pk, found=SeatState.OPEN)
    seat.refresh_from_db()
    return seat


@transaction.atomic
def _take(*, person: User, after: int | None) -> int | None:
    # Two tabs that ask in the same moment get the same review.
    lock_person(person)
    reach = reach_of(person, after=after)
    seat_id, found = reach.own or (None, SeatState.OPEN)
    if seat_id is None:
        free = (next_seat_id(reach, stage, after=after) for stage in PIPELINE)
        seat_id = next(filter(None, free), None)
    if seat_id is not None:
        _lease(person, seat_id, found=found)
    return seat_id


def lease_free_seat(seat: Seat, person: User) -> None:
    """Give a locked, free seat to a person who chose it."""
    _lease(person, seat.pk, found=seat.state)
    seat.state, seat.reviewer = SeatState.HELD, person


# In one statement, because everybody who goes on to their next review waits for it. What its taker had typed before
# they lost the seat, if they did, is theirs again.
_LEASE = """
UPDATE review_seat seat
SET state = 'held', reviewer_id = %(person)s, put_aside_at = NULL,
  leased_until = %(now)s + interval '1 minute'
    * coalesce((version.settings ->> 'review_lease_minutes')::float8, %(minutes)s),
  draft = CASE WHEN seat.state = 'held' THEN seat.draft ELSE coalesce(nullif(kept.draft, '{}'), seat.draft) END
FROM annotation_revision revision
JOIN annotation_projectversion version ON version.id = revision.project_version_id
LEFT JOIN review_keptwords kept ON kept.seat_id = %(seat)s AND kept.person_id = %(person)s
WHERE seat.id = %(seat)s AND revision.id = seat.revision_id
  AND seat.state = %(found)s AND coalesce(seat.reviewer_id, %(person)s) = %(person)s
RETURNING seat.project_id, seat.task_id, seat.stage
"""


def _lease(person: User, seat_id: int, *, found: str) -> None:
    """Make a seat this person's, or renew their lease; NotYourSeat when it is not in the state it was found in."""
    values = {
        "person": person.pk,
        "seat": seat_id,
        "found": found,
        "now": timezone.now(),
        "minutes": DEFAULTS["review_lease_minutes"],
    }
    with prepared() as cursor:
        cursor.execute(_LEASE, values)
        row = cursor.fetchone()
    if row is None:
        raise NotYourSeat
    if found != SeatState.HELD:
        project, task, stage = row
        record(
            verb="review.seat_taken",
            actor=person,
            target=Seat(pk=seat_id),
            project_id=project,
            task=task,
            stage=stage,
        )


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
