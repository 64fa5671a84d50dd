"""Reads of the reviewing side."""

from django.db import models

from experts.models import User
from review.enums import SeatState
from review.models import Review, Seat


def seats_of(person: User) -> models.QuerySet[Seat]:
    """The seats this person holds or is expected in, oldest first."""
    return (
        Seat.objects.filter(reviewer=person, state__in=[SeatState.HELD, SeatState.RESERVED])
        .select_related("task__instruction", "project", "domain", "revision")
        .order_by("opened_at", "id")
    )


def reviews_of(task_id: int) -> models.QuerySet[Review]:
    """All verdicts on a task, oldest first."""
    return Review.objects.filter(task=task_id).select_related("reviewer", "revision").order_by("id")


def last_review_by(person: User, task_id: int) -> Review | None:
    """This person's newest verdict on a task: what their next look is compared with."""
    return Review.objects.filter(task=task_id, reviewer=person).order_by("-id").first()
