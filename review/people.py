"""What the reviewing side knows about a person: for their page, the ledger, their data, and its erasure; and
its boards for leads."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone

from annotation.people import QUIET
from experts import boards
from experts.boards import Board, Cell, person_cell
from experts.enums import WorkKind
from experts.models import User
from experts.queries import led_by
from experts.sources import Figure, Period, Source, Work, register
from review.enums import SeatState, Verdict
from review.models import Review, Seat
from review.stages import by_slug


def _figures(person: User) -> list[Figure]:
    held = Seat.objects.filter(reviewer=person, state__in=[SeatState.HELD, SeatState.RESERVED])
    given = Review.objects.filter(reviewer=person).exclude(verdict=Verdict.RECUSE)
    return [Figure("to review", held.count()), Figure("reviews given", given.count())]


def _work(period: Period) -> Iterator[Work]:
    given = Review.objects.exclude(verdict=Verdict.RECUSE).filter(
        created_at__date__gte=period.since, created_at__date__lt=period.until
    )
    if period.person is not None:
        given = given.filter(reviewer=period.person)
    if period.projects is not None:
        given = given.filter(task__project__in=period.projects)
    rows = given.select_related("reviewer", "task__project", "task__instruction")
    for review in rows.order_by("id").iterator(chunk_size=500):
        yield Work(
            at=review.created_at,
            person=review.reviewer,
            project=review.task.project,
            kind=WorkKind.REVIEW,
            reference=f"review-{review.pk}",
            what=review.task.instruction.title,
        )


def _data(person: User) -> Iterator[tuple[str, Iterable[Mapping[str, Any]]]]:
    yield (
        "reviews",
        Review.objects.filter(reviewer=person)
        .order_by("pk")
        .values("task__key", "stage", "verdict", "criteria", "note", "created_at")
        .iterator(chunk_size=200),
    )


def _erase(person: User) -> dict[str, int]:
    """Words typed and not handed in; verdicts stay, under the pseudonym."""
    open_seats = Seat.objects.filter(
        reviewer=person, state__in=[SeatState.HELD, SeatState.RESERVED]
    )
    return {
        "reviews given back": open_seats.update(
            draft={}, state=SeatState.OPEN, reviewer=None, leased_until=None
        )
    }


def _stuck(lead: User) -> "models.QuerySet[Seat]":
    """Past their time, or waiting for one and the same reviewer for more than a day."""
    waits = Q(state=SeatState.RESERVED, opened_at__lt=timezone.now() - QUIET)
    over = Q(state=SeatState.HELD, leased_until__lt=timezone.now())
    return (
        Seat.objects.filter(waits | over, project__in=led_by(lead))
        .select_related("reviewer", "task__instruction", "project")
        .order_by("opened_at", "id")
    )


def start() -> None:
    """Hand this part's knowledge to the pages about people."""
    register(Source("reviewing", _figures, _work, _data, _erase))
    boards.add(
        Board(
            "stuck-reviews",
            "Work",
            "Stuck in review",
            "Past the reviewer's time, or waiting for the same reviewer for more than a day.",
            ("Reviewer", "Task", "Stage", "Project", "Waits since"),
            _stuck,
            lambda seat: [
                person_cell(seat.reviewer),
                Cell(seat.task.instruction.title),
                Cell(by_slug(seat.stage).title),
                Cell(seat.project.name),
                Cell(seat.opened_at),
            ],
        )
    )
