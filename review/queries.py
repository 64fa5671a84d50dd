"""Reads of the reviewing side."""

from dataclasses import dataclass

from django.db import models
from django.db.models import Case, Count, IntegerField, Min, Value, When
from django.utils import timezone

from experts.models import User
from experts.queries import open_domains, projects_of
from review.enums import SeatState
from review.models import Review, Seat
from review.stages import PIPELINE, Stage

MINE = [SeatState.HELD, SeatState.RESERVED]
# A count on a page stops here: what it says to a person is "plenty".
COUNTED_UP_TO = 1_000


def seats_of(person: User) -> models.QuerySet[Seat]:
    """The seats this person holds or is expected in: held first, then returned, each oldest first."""
    held_first = Case(When(state=SeatState.HELD, then=Value(0)), default=Value(1), output_field=IntegerField())
    return (
        Seat.objects.filter(reviewer=person, state__in=MINE)
        .select_related("task__instruction", "project", "domain", "revision__project_version")
        .order_by(held_first, "opened_at", "id")
    )


def undoable_by(person: User) -> Seat | None:
    """The newest verdict of this person that can still be undone."""
    return (
        Seat.objects.filter(reviewer=person, state=SeatState.PENDING, settles_at__gt=timezone.now())
        .select_related("task__instruction")
        .order_by("-settles_at")
        .first()
    )


def reviews_of(task_id: int) -> models.QuerySet[Review]:
    """All verdicts on a task, oldest first."""
    return Review.objects.filter(task=task_id).select_related("reviewer", "revision").order_by("id")


def last_review_by(person: User, task_id: int) -> Review | None:
    """This person's newest verdict on a task: what their next look is compared with."""
    return (
        Review.objects.filter(task=task_id, reviewer=person).select_related("revision").order_by("-id").first()
    )


@dataclass(frozen=True)
class Waiting:
    """One stage as the home page tells of it. `count` is None above COUNTED_UP_TO."""

    stage: Stage
    count: int | None
    oldest: object
    reason: str = ""


def waiting_for(person: User) -> list[Waiting]:
    """For each stage this person may sit in, how much is free for them to take, and since when."""
    return [found for stage in PIPELINE if (found := _waiting_in(person, stage)) is not None]


def _waiting_in(person: User, stage: Stage) -> Waiting | None:
    projects = projects_of(person, stage.role)
    if not projects.exists():
        return None
    seats = (
        Seat.objects.filter(state=SeatState.OPEN, stage=stage.slug, project__in=projects)
        .exclude(author=person)
        .exclude(task__seats__reviewer=person)
    )
    if stage.needs_credential:
        domains = list(open_domains(person).values_list("pk", flat=True))
        if not domains:
            return Waiting(stage, 0, None, "It needs a verified credential, and you hold none that is valid now.")
        seats = seats.filter(domain__in=domains)
    found = seats.order_by()[: COUNTED_UP_TO + 1].aggregate(count=Count("pk"), oldest=Min("opened_at"))
    count = found["count"]
    return Waiting(stage, count if count <= COUNTED_UP_TO else None, found["oldest"])
