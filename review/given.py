"""What one person has decided so far, newest first, and what became of it.

Calibration items stand among the rest: a verdict that were missing here would give them away.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeVar
from urllib.parse import urlencode

from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from annotation.enums import TaskState
from annotation.finding import holding, texts_of_instruction, texts_of_revision
from annotation.models import Instruction
from experts.models import Project, User
from lib.words import Asked, asked_in, excerpt_among, holds, places_of
from review.calibration import state_after
from review.enums import StageSlug, Verdict
from review.models import CalibrationItem, CalibrationResult, Review
from review.queries import title_of
from review.stages import by_slug

PAGE = 30
SHOWN = 90  # characters of a title
Row = TypeVar("Row", bound=Model)

# Which of these tasks are part of a published release: known above only, registered from there.
_released: list[Callable[[Sequence[int]], set[int]]] = []


def on_released(tasks: Callable[[Sequence[int]], set[int]]) -> None:
    """Have `tasks(ids)` say which tasks have been released."""
    _released.append(tasks)


@dataclass(frozen=True)
class Wanted:
    """What the list is narrowed to. `since` and `until` are days, both included; `words` are looked for in what was
    asked and in the text that was judged."""

    words: str = ""
    verdict: str = ""
    project: int = 0
    since: date | None = None
    until: date | None = None
    overturned: bool = False
    before: datetime | None = None

    @classmethod
    def of(cls, query: Mapping[str, str]) -> "Wanted":
        """The filters of a query string; nonsense counts as not set."""
        verdict, project = query.get("verdict", ""), query.get("project", "")
        return cls(
            words=query.get("words", "").strip(),
            verdict=verdict if verdict in Verdict.values else "",
            project=int(project) if project.isdecimal() and len(project) < 19 else 0,
            since=_day(query.get("since", "")),
            until=_day(query.get("until", "")),
            overturned=bool(query.get("overturned")),
            before=_moment(query.get("before", "")),
        )


@dataclass(frozen=True)
class Given:
    """One verdict as its giver finds it again. `address` and `round` lead to the page as it was."""

    address: int
    round: int
    title: str
    project: str
    stage: str
    verdict: str
    note: str
    at: datetime
    now: str
    met: str = ""
    overturned: bool = False
    upheld: bool = False
    released: bool = False

    @property
    def verdict_label(self) -> str:
        """The verdict in words."""
        return str(Verdict(self.verdict).label)


@dataclass(frozen=True)
class GivenPage:
    """One page; `next_url` is a query string, or empty at the end."""

    rows: Sequence[Given]
    next_url: str


def given_by(person: User, query: Mapping[str, str]) -> GivenPage:
    """A page of this person's verdicts, recusals included."""
    wanted = Wanted.of(query)
    reviews = _narrowed(Review.objects.filter(reviewer=person), wanted, project="task__project")
    if wanted.overturned:
        reviews = reviews.filter(_decided_otherwise())
    asked = asked_in(wanted.words)
    if wanted.words:
        told, judged = holding(wanted.words, "task__instruction"), holding(wanted.words, "revision")
        reviews = reviews.filter(Q(told) | Q(judged)).select_related("revision")
    found = [*_of_reviews(reviews.order_by("-created_at")[: PAGE + 1], asked)]
    if not wanted.overturned:
        results = CalibrationResult.objects.as_verdicts().filter(reviewer=person)
        narrowed = _narrowed(results, wanted, project="item__project")
        if wanted.words:
            narrowed = narrowed.filter(item__in=_items_with(person, asked))
        found += _of_results(narrowed.order_by("-created_at")[: PAGE + 1], asked)
    found.sort(key=lambda each: each.at, reverse=True)
    kept = {name: value for name, value in query.items() if name != "before" and value}
    more = len(found) > PAGE
    following = "?" + urlencode({**kept, "before": found[PAGE - 1].at.isoformat()}) if more else ""
    return GivenPage(found[:PAGE], following)


def projects_judged_by(person: User) -> QuerySet[Project]:
    """The projects in which this person has decided something."""
    reviews = Review.objects.filter(reviewer=person, task__project=OuterRef("pk"))
    return Project.objects.filter(Exists(reviews)).order_by("name")


def _narrowed(rows: QuerySet[Row], wanted: Wanted, *, project: str) -> QuerySet[Row]:
    if wanted.verdict:
        rows = rows.filter(verdict=wanted.verdict)
    if wanted.project:
        rows = rows.filter(**{project: wanted.project})
    if wanted.since:
        rows = rows.filter(created_at__date__gte=wanted.since)
    if wanted.until:
        rows = rows.filter(created_at__date__lt=wanted.until + timedelta(days=1))
    return rows.filter(created_at__lt=wanted.before) if wanted.before else rows


def _items_with(person: User, asked: Asked) -> list[int]:
    """The items this person judged that hold these words: few, so they are read one by one."""
    seen = CalibrationItem.objects.filter(results__reviewer=person).distinct()
    return [item.pk for item in seen if asked and holds("\n".join(_of_item(item)), asked)]


def _of_item(item: CalibrationItem) -> list[str]:
    """The same parts as of a review's instruction and response, in the same order."""
    content = item.content
    parts = {
        name: content.get(name) or [] for name in ("messages", "requirements", "evidence", "tags")
    }
    return [*texts_of_instruction(Instruction(**parts)), str(content.get("response") or "")]


def _of_review(review: Review) -> list[str]:
    return [*texts_of_instruction(review.task.instruction), *texts_of_revision(review.revision)]


def _met(texts: list[str], asked: Asked, title: str) -> str:
    """Where the words stand, unless the title shows one already."""
    return "" if places_of(asked, title[:SHOWN]) else excerpt_among(texts, asked)


def _decided_otherwise() -> Exists:
    """A third person decided on the same revision, and not as this verdict did."""
    third = Review.objects.filter(revision=OuterRef("revision"), stage=StageSlug.ADJUDICATION)
    return Exists(third.exclude(verdict=OuterRef("verdict")).exclude(reviewer=OuterRef("reviewer")))


def _of_reviews(reviews: QuerySet[Review], asked: Asked) -> Iterable[Given]:
    rows = list(reviews.select_related("task__instruction", "task__project"))
    third = {
        review.revision_id: review
        for review in Review.objects.filter(
            revision__in=[row.revision_id for row in rows], stage=StageSlug.ADJUDICATION
        ).exclude(verdict=Verdict.RECUSE)
    }
    released = {task for told in _released for task in told([row.task_id for row in rows])}
    for row in rows:
        after = third.get(row.revision_id)
        judged = after is not None and after.pk != row.pk and row.verdict in JUDGED
        yield Given(
            address=row.seat_id,
            round=row.round,
            title=row.task.instruction.title,
            project=row.task.project.name,
            stage=by_slug(row.stage).title,
            verdict=row.verdict,
            note=row.note,
            at=row.created_at,
            now=str(TaskState(row.task.state).label),
            met=_met(_of_review(row), asked, row.task.instruction.title) if asked else "",
            overturned=judged and after is not None and after.verdict != row.verdict,
            upheld=judged and after is not None and after.verdict == row.verdict,
            released=row.task_id in released,
        )


# Verdicts that a third person can bear out or overturn; an escalation asked for one, a recusal said nothing.
JUDGED = {Verdict.APPROVE, Verdict.REQUEST_CHANGES, Verdict.REJECT}


def _of_results(results: QuerySet[CalibrationResult], asked: Asked) -> Iterable[Given]:
    for result in results.select_related("item__project"):
        yield Given(
            address=result.sitting_id,
            round=1,
            title=title_of(result.item.content["messages"]),
            project=result.item.project.name,
            stage=by_slug(result.item.stage).title,
            verdict=result.verdict,
            note=result.note,
            at=result.created_at,
            now=str(TaskState(state_after(result.item.stage, result.verdict)).label),
            met=_met(_of_item(result.item), asked, title_of(result.item.content["messages"]))
            if asked
            else "",
        )


def _day(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None


def _moment(text: str) -> datetime | None:
    try:
        found = parse_datetime(text)
    except ValueError:
        return None
    return timezone.make_aware(found) if found is not None and timezone.is_naive(found) else found
