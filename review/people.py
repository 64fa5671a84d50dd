"""What the reviewing side knows about a person: for their page, the ledger, their data, and its erasure; and
its boards for leads."""

from collections.abc import Iterable, Iterator, Mapping
from heapq import merge
from typing import Any

from django.db import models
from django.db.models import F, Q, Value
from django.urls import reverse
from django.utils import timezone

from annotation.people import QUIET
from experts import boards
from experts.boards import Board, person_cell
from experts.enums import WorkKind
from experts.models import User
from experts.queries import led_by
from experts.sources import Cell, Figure, Period, Source, View, Work, register
from review.enums import SeatState, Verdict
from review.models import CalibrationResult, CalibrationSitting, Review, Seat
from review.queries import title_of
from review.stages import by_slug


def _figures(view: View) -> list[Figure]:
    """Calibration items are counted and listed among the rest: what were missing here would give them away."""
    person = view.person
    seats = Seat.objects.filter(reviewer=person, state__in=[SeatState.HELD, SeatState.RESERVED])
    sittings = CalibrationSitting.objects.filter(reviewer=person, decided_at=None, settles_at=None)
    reviews = Review.objects.filter(reviewer=person).exclude(verdict=Verdict.RECUSE)
    results = CalibrationResult.objects.filter(reviewer=person).exclude(verdict=Verdict.RECUSE)
    if view.projects is not None:
        seats = seats.filter(project__in=view.projects)
        sittings = sittings.filter(item__project__in=view.projects)
        reviews = reviews.filter(task__project__in=view.projects)
        results = results.filter(item__project__in=view.projects)
    held = seats.values_list(
        *("pk", "stage", "opened_at", "project__name", "project__slug", "task_id"),
        F("task__instruction__messages"),
        F("round"),
        Value(""),
    ).union(
        sittings.values_list(
            *("pk", "item__stage", "opened_at", "item__project__name", "item__project__slug"),
            Value(0),
            F("item__content__messages"),
            Value(1),
            Value(""),
        ),
        all=True,
    )
    given = reviews.values_list(
        *("seat_id", "stage", "created_at", "task__project__name", "task__project__slug"),
        F("task_id"),
        F("task__instruction__messages"),
        F("round"),
        F("verdict"),
    ).union(
        results.values_list(
            *("sitting_id", "item__stage", "created_at", "item__project__name"),
            F("item__project__slug"),
            Value(0),
            F("item__content__messages"),
            Value(1),
            F("verdict"),
        ),
        all=True,
    )
    return [
        Figure(
            "to-review",
            "to review",
            held.order_by("opened_at"),
            ("Instruction", "Stage", "Project", "Since"),
            lambda row: _cells(row, view, "review:seat"),
        ),
        Figure(
            "reviews-given",
            "reviews given",
            given.order_by("-created_at"),
            ("Instruction", "Stage", "Project", "Given", "Verdict"),
            lambda row: _cells(row, view, "review:own-seat"),
        ),
    ]


def _cells(row: tuple[Any, ...], view: View, own_page: str) -> list[Cell]:
    """A piece of reviewing as its reviewer opens it, or as a lead does. An item of calibration has no task."""
    address, stage, at, project, slug, task, messages, round_, verdict = row
    url = reverse("projects:task", args=[slug, task]) if task else ""
    if view.own:
        url = reverse(own_page, args=[address, round_] if verdict else [address])
    cells = [Cell(title_of(messages), url), Cell(by_slug(stage).title), Cell(project), Cell(at)]
    return [*cells, Cell(Verdict(verdict).label)] if verdict else cells


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
    given = CalibrationResult.objects.exclude(verdict=Verdict.RECUSE).filter(
        created_at__date__gte=period.since, created_at__date__lt=period.until
    )
    if period.person is not None:
        given = given.filter(reviewer=period.person)
    if period.projects is not None:
        given = given.filter(item__project__in=period.projects)
    return given.select_related("reviewer", "item__project")


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
