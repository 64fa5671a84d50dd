"""Give the next review to one person, and only to one, however many ask at once."""

from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from annotation.project_settings import setting
from audit.services import record
from experts.models import User
from experts.queries import open_domains, projects_of
from review.enums import SeatState
from review.errors import NothingToReview, NotYourSeat
from review.models import KeptWords, Seat
from review.queries import seats_of
from review.services.give_verdict import settle_due, settle_queue
from review.stages import PIPELINE, Stage

# As for writing: the head of each (project, domain) queue is one index entry.
_NEXT = """
SELECT head.id
FROM unnest(%(projects)s::bigint[]) AS project(id)
CROSS JOIN unnest(%(domains)s::bigint[]) AS domain(id)
CROSS JOIN LATERAL (
  SELECT seat.id, seat.priority, seat.opened_at
  FROM review_seat seat
  WHERE seat.state = 'open' AND seat.stage = %(stage)s
    AND seat.project_id = project.id AND seat.domain_id = domain.id
    AND seat.author_id <> %(person)s
    AND NOT EXISTS (
      SELECT 1 FROM review_seat own WHERE own.task_id = seat.task_id AND own.reviewer_id = %(person)s)
    AND NOT EXISTS (
      SELECT 1 FROM review_review past WHERE past.task_id = seat.task_id AND past.reviewer_id = %(person)s)
    AND NOT EXISTS (
      SELECT 1 FROM annotation_assignment written
      WHERE written.task_id = seat.task_id AND written.expert_id = %(person)s)
  ORDER BY seat.priority DESC, seat.opened_at, seat.id
  FOR UPDATE SKIP LOCKED
  LIMIT 1
) head
ORDER BY head.priority DESC, head.opened_at, head.id
LIMIT 1
"""


def take_next_review(*, person: User, after: int | None = None) -> Seat:
    """What this person reviews next: what they hold, what came back to them, then the queues.

    `after` is a seat to look past, for who puts one aside. Where the queues are empty, verdicts that may
    still be undone are recorded at once if they could bring this person a review: nobody who waits is
    sent away because somebody else might change their mind. Raises NothingToReview.
    """
    settle_due()
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
    return _lease(seat, person)


@transaction.atomic
def _take(*, person: User, after: int | None) -> Seat | None:
    mine = seats_of(person).exclude(pk=after).select_for_update(of=("self",)).first()
    if mine is not None:
        return _lease(mine, person)
    for stage in PIPELINE:
        seat_id = _next_seat_id(person, stage)
        if seat_id is not None:
            return _lease(Seat.objects.select_for_update().get(pk=seat_id), person)
    return None


def _next_seat_id(person: User, stage: Stage) -> int | None:
    projects = list(projects_of(person, stage.role).values_list("pk", flat=True))
    if not projects:
        return None
    parameters = {
        "projects": projects,
        "domains": _domains(person, stage, projects),
        "stage": stage.slug,
        "person": person.pk,
    }
    with connection.cursor() as cursor:
        cursor.execute(_NEXT, parameters)
        row = cursor.fetchone()
    return row[0] if row else None


def _domains(person: User, stage: Stage, projects: list[int]) -> list[int]:
    """Where the stage asks for a credential, the domains it opens; elsewhere all that wait."""
    if stage.needs_credential:
        return list(open_domains(person).values_list("pk", flat=True))
    waiting = Seat.objects.filter(state=SeatState.OPEN, stage=stage.slug, project__in=projects)
    return list(waiting.order_by().values_list("domain", flat=True).distinct())


def _lease(seat: Seat, person: User) -> Seat:
    taken = seat.state != SeatState.HELD
    if taken:
        seat.draft = _words_kept(seat, person) or seat.draft
    minutes = setting(seat.revision.project_version, "review_lease_minutes")
    seat.reviewer = person
    seat.state = SeatState.HELD
    seat.leased_until = timezone.now() + timedelta(minutes=minutes)
    seat.save(update_fields=["reviewer", "state", "leased_until", "draft"])
    if taken:
        record(
            verb="review.seat_taken", actor=person, target=seat, project_id=seat.project_id,
            task=seat.task_id, stage=seat.stage,
        )
    return seat


def _words_kept(seat: Seat, person: User) -> dict[str, Any]:
    """What this person had typed before they lost the seat, if they did."""
    kept = KeptWords.objects.filter(seat=seat, person=person).first()
    return dict(kept.draft) if kept else {}


def lapse_seats(*, limit: int = 500) -> int:
    """Free first-round seats whose lease ran out; a later round waits for the same reviewer."""
    overdue = Seat.objects.filter(state=SeatState.HELD, leased_until__lt=timezone.now())
    return sum(_lapse(pk) for pk in overdue.values_list("pk", flat=True)[:limit])


@transaction.atomic
def _lapse(seat_id: int) -> bool:
    seat = Seat.objects.select_for_update().get(pk=seat_id)
    if seat.state != SeatState.HELD or seat.leased_until is None or seat.leased_until >= timezone.now():
        return False
    known = seat.reviews.filter(reviewer=seat.reviewer).exists()
    record(
        verb="review.seat_lapsed", target=seat, project_id=seat.project_id,
        reviewer=seat.reviewer_id, task=seat.task_id,
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
