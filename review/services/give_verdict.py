"""A verdict given on the page: it waits a moment in which it can be undone, then it is appended.

The row is append-only, so the moment lies before it. A verdict waits as `pending` on its seat until the
undo time is over, or until somebody asks for what depends on it, whichever comes first (ADR 0031).
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from annotation.models import Task
from annotation.project_settings import setting
from audit.services import record
from experts.enums import Role
from experts.models import User
from experts.queries import projects_of
from lib.errors import DomainError
from review.enums import SeatState, Verdict
from review.errors import NotYourSeat, UndoTooLate
from review.judgement import Judgement, judgement_from
from review.models import Seat
from review.services.lock_seat import lock_seat
from review.services.submit_review import append_verdict, checked, require_seat


@transaction.atomic
def give_verdict(
    *, person: User, seat_id: int, revision_id: int, verdict: Verdict, judgement: Judgement
) -> Seat:
    """Decide in a seat. Everything is checked now; the row follows when the undo time is over.

    Raises what submit_review raises; nothing is stored then.
    """
    task, seat = lock_seat(seat_id)
    require_seat(person, seat, task, revision_id, judgement.note)
    seconds = int(setting(seat.revision.project_version, "undo_seconds"))
    if seconds <= 0:
        append_verdict(person=person, task=task, seat=seat, verdict=verdict, judgement=judgement)
        return seat
    checked(person, task, seat, verdict, judgement)
    now = timezone.now()
    seat.state = SeatState.PENDING
    seat.leased_until = None
    seat.settles_at = now + timedelta(seconds=seconds)
    seat.pending = {
        "verdict": verdict,
        "revision": revision_id,
        "given_at": now.isoformat(),
        **judgement.as_json(),
    }
    seat.save(update_fields=["state", "leased_until", "settles_at", "pending"])
    return seat


@transaction.atomic
def undo_verdict(*, person: User, seat_id: int) -> Seat:
    """Take back a verdict that is still pending; its words are in the seat's draft again."""
    _, seat = lock_seat(seat_id)
    if seat.reviewer_id != person.pk:
        raise NotYourSeat
    if seat.state != SeatState.PENDING:
        raise UndoTooLate
    record(
        verb="review.verdict_undone",
        actor=person,
        target=seat,
        project_id=seat.project_id,
        task=seat.task_id,
        verdict=seat.pending["verdict"],
    )
    _hold_again(seat)
    return seat


def settle_due(*, limit: int = 500) -> int:
    """Append every verdict whose undo time is over; returns how many. Safe to run beside itself."""
    return _settle_all(_pending().filter(settles_at__lte=timezone.now())[:limit])


def settle_for(person: User) -> int:
    """Append at once what `person` is about to look at: verdicts of others on their work, and in projects
    whose outcome they follow. Whoever depends on a verdict never waits for its undo time."""
    followed = projects_of(person, Role.LEAD, Role.OBSERVER)
    wanted = _pending().exclude(reviewer=person).filter(Q(author=person) | Q(project__in=followed))
    return _settle_all(wanted)


def settle_projects(project_ids: Iterable[int]) -> int:
    """Append every pending verdict of these projects: before a release is cut."""
    return _settle_all(_pending().filter(project__in=list(project_ids)))


def settle_queue(person: User) -> int:
    """Append what could bring `person` a review: pending verdicts of others in their projects. Their own
    bring them nothing, because nobody sits in two stages of a task."""
    return _settle_all(_pending().exclude(reviewer=person).filter(project__in=projects_of(person)))


def settle_own(person: User) -> int:
    """Append this person's verdicts: they leave and cannot undo any more."""
    return _settle_all(_pending().filter(reviewer=person))


def _pending() -> QuerySet[Seat]:
    return Seat.objects.filter(state=SeatState.PENDING).order_by("settles_at")


def _settle_all(seats: QuerySet[Seat]) -> int:
    return sum(_settle(pk) for pk in list(seats.values_list("pk", flat=True)))


def _still_pending(seat_id: int) -> bool:
    """Wait for the task, which every verb locks first, and look again. Who comes second must not lock the
    task's seats: one of them may be new and free, and whoever asks for a review would look past it."""
    list(Task.objects.select_for_update(of=("self",)).filter(seats__pk=seat_id).values_list("pk"))
    return Seat.objects.filter(pk=seat_id, state=SeatState.PENDING).exists()


@transaction.atomic
def _settle(seat_id: int) -> bool:
    if not _still_pending(seat_id):
        return False
    task, seat = lock_seat(seat_id)
    if seat.state != SeatState.PENDING or seat.reviewer is None:
        return False
    said = seat.pending
    try:
        with transaction.atomic():
            append_verdict(
                person=seat.reviewer,
                task=task,
                seat=seat,
                verdict=Verdict(said["verdict"]),
                judgement=judgement_from(said),
                given_at=datetime.fromisoformat(said["given_at"]),
            )
    except DomainError as refusal:
        # Between the click and now something changed, say a credential was revoked. The reviewer is told
        # on their page, and their words wait there.
        seat.refresh_from_db()
        _hold_again(seat, refused=f"{refusal.message} {refusal.advice}".strip())
        return False
    return True


def _hold_again(seat: Seat, refused: str = "") -> None:
    minutes = setting(seat.revision.project_version, "review_lease_minutes")
    seat.state = SeatState.HELD
    seat.leased_until = timezone.now() + timedelta(minutes=minutes)
    seat.settles_at = None
    seat.draft = {**judgement_from(seat.pending).as_json(), "refused": refused}
    seat.pending = {}
    seat.save(update_fields=["state", "leased_until", "settles_at", "draft", "pending"])
