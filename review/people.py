"""What the reviewing side knows about a person: for their page, the ledger, their data, and its erasure; and
its boards for leads."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from heapq import merge
from typing import Any, NamedTuple

from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils import timezone

from annotation.people import QUIET
from experts import boards
from experts.boards import Board, person_cell
from experts.enums import WorkKind
from experts.models import User
from experts.queries import led_by
from experts.sources import Cell, Figure, Period, Source, View, Work, register
from review.copy_of_data import data_of
from review.enums import SeatState, Verdict
from review.models import CalibrationResult, CalibrationSitting, KeptWords, Review, Seat
from review.queries import open_sittings_of, title_of
from review.stages import by_slug


@dataclass(frozen=True)
class _Source:
    """Where one table holds what a figure lists: its column for the project, and those of `_Row` in order."""

    project: str
    columns: tuple[Any, ...]

    def rows(self, found: "models.QuerySet[Any]", view: View) -> "models.QuerySet[Any, Any]":
        """What is found, in the projects that are looked at."""
        if view.projects is not None:
            found = found.filter(**{f"{self.project}__in": view.projects})
        return found.values_list(*self.columns)


class _Row(NamedTuple):
    """One line of a figure. A calibration item has no task; where nothing was decided yet, no verdict."""

    address: int
    stage: str
    at: datetime
    project: str
    slug: str
    task: int
    messages: list[dict[str, object]]
    round: int
    verdict: str


# Kept as written there, as any JSON in a calibration item: one list holds both.
_MESSAGES = Cast("task__instruction__messages", models.JSONField())
_SEATS = _Source(
    "project",
    (
        *("pk", "stage", "opened_at", "project__name", "project__slug", "task_id"),
        *(_MESSAGES, F("round"), Value("")),
    ),
)
_SITTINGS = _Source(
    "item__project",
    (
        *("pk", "item__stage", "opened_at", "item__project__name", "item__project__slug"),
        *(Value(0), F("item__content__messages"), Value(1), Value("")),
    ),
)
_REVIEWS = _Source(
    "task__project",
    (
        *("seat_id", "stage", "created_at", "task__project__name", "task__project__slug"),
        *(F("task_id"), _MESSAGES, F("round"), F("verdict")),
    ),
)
_RESULTS = _Source(
    "item__project",
    (
        *("sitting_id", "item__stage", "created_at", "item__project__name", "item__project__slug"),
        *(Value(0), F("item__content__messages"), Value(1), F("verdict")),
    ),
)


def _figures(view: View) -> list[Figure]:
    """Calibration items are counted and listed among the rest: what were missing here would give them away."""
    columns = ("Instruction", "Stage", "Project")
    return [
        Figure(
            "to-review",
            "to review",
            _held(view),
            (*columns, "Since"),
            lambda row: _cells(_Row(*row), view, "review:seat"),
        ),
        Figure(
            "reviews-given",
            "reviews given",
            _decided(view),
            (*columns, "Given", "Verdict"),
            lambda row: _cells(_Row(*row), view, "review:own-seat"),
        ),
    ]


def _held(view: View) -> "models.QuerySet[Any, Any]":
    seats = Seat.objects.filter(
        reviewer=view.person, state__in=[SeatState.HELD, SeatState.RESERVED]
    )
    sittings = CalibrationSitting.objects.filter(
        reviewer=view.person, decided_at=None, settles_at=None
    )
    rows = _SEATS.rows(seats, view).union(_SITTINGS.rows(sittings, view), all=True)
    return rows.order_by("opened_at")


def _decided(view: View) -> "models.QuerySet[Any, Any]":
    reviews = Review.objects.filter(reviewer=view.person).exclude(verdict=Verdict.RECUSE)
    results = CalibrationResult.objects.as_verdicts().filter(reviewer=view.person)
    given = results.exclude(verdict=Verdict.RECUSE)
    rows = _REVIEWS.rows(reviews, view).union(_RESULTS.rows(given, view), all=True)
    return rows.order_by("-created_at")


def _cells(row: _Row, view: View, own_page: str) -> list[Cell]:
    """A piece of reviewing as its reviewer opens it, or as a lead does."""
    url = reverse("projects:task", args=[row.slug, row.task]) if row.task else ""
    if view.own:
        url = reverse(own_page, args=[row.address, row.round] if row.verdict else [row.address])
    cells = [Cell(title_of(row.messages), url), Cell(by_slug(row.stage).title)]
    cells += [Cell(row.project), Cell(row.at)]
    return [*cells, Cell(Verdict(row.verdict).label)] if row.verdict else cells


def _work(period: Period) -> Iterator[Work]:
    given = Review.objects.exclude(verdict=Verdict.RECUSE).filter(
        created_at__date__gte=period.since, created_at__date__lt=period.until
    )
    if period.person is not None:
        given = given.filter(reviewer=period.person)
    if period.projects is not None:
        given = given.filter(task__project__in=period.projects)
    rows = given.select_related("reviewer", "task__project", "task__instruction")
    yield from merge(
        map(_work_of_review, rows.order_by("created_at").iterator(chunk_size=500)),
        map(_work_of_result, _results(period).order_by("created_at").iterator(chunk_size=500)),
        key=lambda work: work.at,
    )


def _work_of_review(review: Review) -> Work:
    return Work(
        at=review.created_at,
        person=review.reviewer,
        project=review.task.project,
        kind=WorkKind.REVIEW,
        reference=f"review-{review.seat_id}-{review.round}",
        what=review.task.instruction.title,
    )


def _work_of_result(result: CalibrationResult) -> Work:
    return Work(
        at=result.created_at,
        person=result.reviewer,
        project=result.item.project,
        kind=WorkKind.REVIEW,
        reference=f"review-{result.sitting_id}-1",
        what=title_of(result.item.content["messages"]),
    )


def _results(period: Period) -> "models.QuerySet[CalibrationResult]":
    verdicts = CalibrationResult.objects.as_verdicts().exclude(verdict=Verdict.RECUSE)
    given = verdicts.filter(created_at__date__gte=period.since, created_at__date__lt=period.until)
    if period.person is not None:
        given = given.filter(reviewer=period.person)
    if period.projects is not None:
        given = given.filter(item__project__in=period.projects)
    return given.select_related("reviewer", "item__project")


def _erase(person: User) -> dict[str, int]:
    """Words typed and not handed in; verdicts stay, under the pseudonym."""
    open_seats = Seat.objects.filter(
        reviewer=person, state__in=[SeatState.HELD, SeatState.RESERVED]
    )
    return {
        "reviews given back": open_seats.update(
            draft={}, state=SeatState.OPEN, reviewer=None, leased_until=None
        )
        + open_sittings_of(person).update(draft={}),
        "words of lost reviews": KeptWords.objects.filter(person=person).delete()[0],
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
    register(Source("reviewing", _figures, _work, data_of, _erase))
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
                Cell(
                    seat.task.instruction.title,
                    reverse("projects:task", args=[seat.project.slug, seat.task_id]),
                ),
                Cell(by_slug(seat.stage).title),
                Cell(seat.project.name),
                Cell(seat.opened_at),
            ],
        )
    )
