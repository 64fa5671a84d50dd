"""What the reviewing side holds of a person's words and about their work, for the copy of their data.

Calibration items stand among the rest, in the order of time and in nothing different (ADR 0080): what was missing
here, or told apart, would give them away. Of others it holds what they said to this person, never who they are.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from heapq import merge
from typing import Any

from django.db.models import Q
from django.utils.dateparse import parse_datetime

from annotation.models import Question
from experts.models import User
from review.calibration import MENDED, key_of
from review.enums import SeatState, Verdict
from review.judgement import judgement_from
from review.models import (
    Appeal,
    CalibrationQuestion,
    CalibrationResult,
    CalibrationSitting,
    Comment,
    KeptWords,
    Repair,
    Review,
    SavedView,
    Seat,
)

Row = dict[str, Any]
_SAID = (
    "criteria",
    "note",
    "coverage",
    "sources",
    "evidence_answer",
    "category",
    "quality_class",
    "use",
)
# What a reviewer made of the evidence of writing is said to leads.
_ABOUT_YOU = ("criteria", "note", "coverage", "sources", "category")
_OPEN = [SeatState.HELD, SeatState.RESERVED, SeatState.PENDING]


def data_of(person: User) -> Iterator[tuple[str, Iterable[Mapping[str, Any]]]]:
    """Named lists of rows, each in the order of time."""
    sittings = list(
        CalibrationSitting.objects.filter(reviewer=person).select_related("item").order_by("pk")
    )
    yield "reviews", merge(_reviews(person), _results(person), key=_moment)
    yield "reviews_under_way", _by_time([*_seats(person), *map(_sitting, _undecided(sittings))])
    yield "review_drafts_kept", _kept_words(person)
    yield "comments", _by_time([*_comments(person), *_remarks(sittings)])
    yield "repairs", _by_time([*_repairs(person), *_mended(sittings)])
    yield "questions", _by_time([*_questions(person), *_questions_about_items(person)])
    yield "appeals", _appeals(person)
    yield (
        "saved_views",
        SavedView.objects.filter(person=person).order_by("pk").values("name", "query"),
    )
    yield "reviews_of_your_work", _reviews_of(person)
    yield "comments_on_your_work", _comments_to(person)


def _moment(row: Mapping[str, Any]) -> datetime:
    moment: datetime = row["created_at"]
    return moment


def _by_time(rows: Iterable[Row]) -> list[Row]:
    return sorted(rows, key=_moment)


def _key(sitting: CalibrationSitting) -> Any:
    return key_of(sitting.item_id, sitting.item.created_at)


# ---- verdicts ----


def _reviews(person: User) -> Iterator[Row]:
    given = Review.objects.filter(reviewer=person).order_by("created_at", "pk")
    columns = ("task__key", "stage", "round", "verdict", *_SAID, "created_at")
    yield from given.values(*columns).iterator(chunk_size=200)


def _results(person: User) -> Iterator[Row]:
    given = CalibrationResult.objects.as_verdicts().filter(reviewer=person)
    ordered = given.select_related("item", "sitting").order_by("created_at", "pk")
    for result in ordered.iterator(chunk_size=200):
        recorded = judgement_from(result.sitting.pending.get("recorded") or {}).as_json()
        yield {
            "task__key": key_of(result.item_id, result.item.created_at),
            "stage": result.item.stage,
            "round": 1,
            "verdict": result.verdict,
            **{name: recorded[name] for name in _SAID},
            "criteria": result.criteria,
            "note": result.note,
            "created_at": result.created_at,
        }


def _seats(person: User) -> Iterator[Row]:
    held = Seat.objects.filter(reviewer=person, state__in=_OPEN)
    for seat in held.select_related("task").order_by("pk"):
        yield _under_way(
            seat.task.key, seat.stage, seat.round, seat.pending or seat.draft, seat.opened_at
        )


def _undecided(sittings: list[CalibrationSitting]) -> list[CalibrationSitting]:
    """Those that are open, or whose verdict can be undone; an edit of the meaning ends one without a verdict."""
    return [one for one in sittings if one.decided_at is None and MENDED not in one.pending]


def _sitting(sitting: CalibrationSitting) -> Row:
    words = sitting.pending or sitting.draft
    return _under_way(_key(sitting), sitting.item.stage, 1, words, sitting.opened_at)


def _under_way(key: Any, stage: str, round_: int, words: Mapping[str, Any], since: datetime) -> Row:
    said = judgement_from(words).as_json()
    verdict = words.get("verdict", "")
    return {
        "task__key": key,
        "stage": stage,
        "round": round_,
        "verdict": verdict,
        **said,
        "created_at": since,
    }


def _kept_words(person: User) -> Iterator[Row]:
    for kept in KeptWords.objects.filter(person=person).select_related("seat__task").order_by("pk"):
        yield {
            "task__key": kept.seat.task.key,
            "stage": kept.seat.stage,
            **judgement_from(kept.draft).as_json(),
            "kept_at": kept.kept_at,
        }


# ---- comments, repairs, questions, appeals ----


def _comments(person: User) -> Iterator[Row]:
    said = Comment.objects.filter(author=person).select_related("task").order_by("pk")
    for comment in said.iterator(chunk_size=200):
        yield _said(comment)


def _said(comment: Comment) -> Row:
    quote, at = comment.anchor.get("quote", ""), comment.created_at
    return _comment(comment.task.key, comment.stage, quote, comment.body, comment.suggestion, at)


def _remarks(sittings: list[CalibrationSitting]) -> Iterator[Row]:
    for sitting in sittings:
        for said in sitting.draft.get("comments", []):
            if "body" in said:  # what a repair took out is noted beside the comments
                at = _when(said, sitting)
                quote, suggestion = said.get("quote", ""), said.get("suggestion")
                yield _comment(
                    _key(sitting), sitting.item.stage, quote, said["body"], suggestion, at
                )


def _comment(
    key: Any, stage: str, quote: str, body: str, suggestion: str | None, at: datetime
) -> Row:
    return {
        "task__key": key,
        "stage": stage,
        "quote": quote,
        "body": body,
        "suggestion": suggestion,
        "created_at": at,
    }


def _when(said: Mapping[str, Any], sitting: CalibrationSitting) -> datetime:
    return parse_datetime(str(said.get("at", ""))) or sitting.opened_at


def _repairs(person: User) -> Iterator[Row]:
    made = Repair.objects.filter(reviewer=person).select_related("task", "after").order_by("pk")
    for repair in made.iterator(chunk_size=200):
        yield {
            "task__key": repair.task.key,
            "text": repair.after.text,
            "form_only": repair.form_only,
            "created_at": repair.created_at,
        }


def _mended(sittings: list[CalibrationSitting]) -> Iterator[Row]:
    for sitting in sittings:
        for made in sitting.draft.get("repairs", []):
            yield {
                "task__key": _key(sitting),
                "text": made["text"],
                "form_only": made["form_only"],
                "created_at": _when(made, sitting),
            }


def _questions(person: User) -> Iterator[Row]:
    said = Question.objects.filter(Q(author=person) | Q(to=person)).select_related("task")
    for one in said.order_by("pk").iterator(chunk_size=200):
        yield _message(one.task.key, one, person)


def _questions_about_items(person: User) -> Iterator[Row]:
    said = CalibrationQuestion.objects.filter(Q(author=person) | Q(to=person))
    for one in said.select_related("sitting__item").order_by("pk").iterator(chunk_size=200):
        yield _message(_key(one.sitting), one, person)


def _message(key: Any, said: Question | CalibrationQuestion, person: User) -> Row:
    return {
        "task__key": key,
        "by_you": said.author_id == person.pk,
        "body": said.body,
        "created_at": said.created_at,
    }


def _appeals(person: User) -> Iterable[Mapping[str, Any]]:
    made = Appeal.objects.filter(author=person).order_by("pk")
    return made.values("task__key", "words", "created_at").iterator(chunk_size=200)


# ---- what others said of this person's work ----


def _reviews_of(person: User) -> Iterator[Row]:
    """Verdicts on what they handed in: what was decided and why, never by whom. A recusal judges nothing."""
    given = Review.objects.filter(revision__author=person).exclude(verdict=Verdict.RECUSE)
    columns = ("task__key", "revision__number", "stage", "verdict", *_ABOUT_YOU, "created_at")
    yield from given.order_by("pk").values(*columns).iterator(chunk_size=200)


def _comments_to(person: User) -> Iterator[Row]:
    said = Comment.objects.filter(revision__author=person).exclude(author=person)
    for comment in said.select_related("task").order_by("pk").iterator(chunk_size=200):
        yield _said(comment)
