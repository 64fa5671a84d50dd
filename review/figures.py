"""The figures about reviewing, each from one query, each with the filter that opens its rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db import connection
from django.db.models import Count, Q, QuerySet
from django.db.models.fields.json import KeyTransform
from django.db.models.functions import TruncWeek
from django.utils import timezone

from experts.models import Project, User
from review.calibration import is_caught
from review.drift import Drift, Sample, drift_of
from review.enums import Verdict
from review.models import CalibrationResult, Review
from review.stages import PIPELINE, by_slug
from review.statistics import Agreement, Estimate, Pattern, agreement, wilson

WEEKS = 26

# One row per combination of marks, whatever the number of reviews: nothing grows with it on our side.
_VERDICTS = """
SELECT 'verdict', unit.marks, count(*)
FROM (
  SELECT array_agg(review.verdict ORDER BY review.verdict) AS marks
  FROM review_review review
  JOIN annotation_task task ON task.id = review.task_id
  WHERE review.stage = %(stage)s AND review.verdict <> 'recuse' AND task.project_id = ANY(%(projects)s)
  GROUP BY review.revision_id
  HAVING count(*) > 1
) unit
GROUP BY unit.marks
"""
_CRITERIA = """
SELECT unit.criterion, unit.marks, count(*)
FROM (
  SELECT mark.key AS criterion, array_agg(mark.value ->> 'mark' ORDER BY mark.value ->> 'mark') AS marks
  FROM review_review review
  JOIN annotation_task task ON task.id = review.task_id
  CROSS JOIN LATERAL jsonb_each(review.criteria) AS mark
  WHERE review.stage = %(stage)s AND review.verdict <> 'recuse' AND task.project_id = ANY(%(projects)s)
    AND review.number > 0 AND mark.value ? 'mark'
    AND EXISTS (
      SELECT 1 FROM review_review other
      WHERE other.revision_id = review.revision_id AND other.stage = review.stage
        AND other.id <> review.id AND other.verdict <> 'recuse')
  GROUP BY review.revision_id, mark.key
  HAVING count(*) > 1
) unit
GROUP BY unit.criterion, unit.marks
"""


@dataclass(frozen=True)
class Compared:
    """Agreement on one thing; `rows` is the query string that opens what it was computed from."""

    what: str
    found: Agreement
    rows: str


def agreement_in(stage: str, projects: Sequence[int]) -> list[Compared]:
    """Agreement on the verdict and on each criterion, over revisions that two or more people judged."""
    patterns: dict[str, dict[Pattern, int]] = {"verdict": {}}
    with connection.cursor() as cursor:
        for query in (_VERDICTS, _CRITERIA):
            cursor.execute(query, {"stage": stage, "projects": list(projects)})
            for what, marks, count in cursor.fetchall():
                patterns.setdefault(what, {})[tuple(marks)] = count
    labels = {criterion.id: criterion.label for criterion in by_slug(stage).criteria}
    return [
        Compared(
            "Verdict" if what == "verdict" else labels.get(what, what),
            agreement(counted),
            urlencode(
                {"stage": stage, "double": "yes"}
                | ({} if what == "verdict" else {"criterion": what})
            ),
        )
        for what, counted in patterns.items()
    ]


@dataclass(frozen=True)
class Reviewer:
    """One reviewer in one stage beside their peers."""

    person_id: int
    name: str
    stage: str
    title: str
    reviews: int
    approved: Estimate
    peers: float | None
    seen: int
    caught: Estimate
    rows: str
    drift: Drift

    @property
    def approved_rows(self) -> str:
        """The query string of the approvals among the rows."""
        return f"{self.rows}&{urlencode({'verdict': Verdict.APPROVE})}"

    @property
    def peer_rows(self) -> str:
        """The query string of the peers' approvals."""
        return urlencode(
            {"stage": self.stage, "besides": self.person_id, "verdict": Verdict.APPROVE}
        )

    @property
    def recent_peer_rows(self) -> str:
        """The same for the weeks that the chart shows."""
        return f"{self.peer_rows}&since={_charted_since().date().isoformat()}"


def reviewers_in(projects: Sequence[int]) -> list[Reviewer]:
    """Strictness and catch rate of everybody who reviewed in these projects."""
    given = (
        _reviews(projects)
        .values("reviewer", "reviewer__name", "reviewer__email", "stage")
        .annotate(total=Count("id"), approved=Count("id", filter=Q(verdict=Verdict.APPROVE)))
        .order_by("stage", "reviewer__name", "reviewer")
    )
    rows = list(given)
    totals = {
        stage.slug: (
            sum(row["total"] for row in rows if row["stage"] == stage.slug),
            sum(row["approved"] for row in rows if row["stage"] == stage.slug),
        )
        for stage in PIPELINE
    }
    caught, drifts = _caught(projects), drifts_in(projects)
    return [_reviewer(row, totals, caught, drifts) for row in rows if row["stage"] in totals]


def _reviewer(
    row: Mapping[str, Any],
    totals: Mapping[str, tuple[int, int]],
    caught: Mapping[tuple[int, str], tuple[int, int]],
    drifts: Mapping[tuple[int, str], Drift],
) -> Reviewer:
    total, approved = totals[row["stage"]]
    others = total - row["total"]
    seen, hits = caught.get((row["reviewer"], row["stage"]), (0, 0))
    return Reviewer(
        person_id=row["reviewer"],
        name=row["reviewer__name"] or row["reviewer__email"],
        stage=row["stage"],
        title=by_slug(row["stage"]).title,
        reviews=row["total"],
        approved=wilson(row["approved"], row["total"]),
        peers=(approved - row["approved"]) / others if others else None,
        seen=seen,
        caught=wilson(hits, seen),
        rows=urlencode({"stage": row["stage"], "reviewer": row["reviewer"]}),
        drift=drifts.get((row["reviewer"], row["stage"])) or NO_WEEKS,
    )


NO_WEEKS = drift_of([], peer_reviews=0, peer_approved=0)


def drifts_in(projects: Sequence[int]) -> dict[tuple[int, str], Drift]:
    """The control chart of everybody who reviewed of late, by person and stage; peers are all others there."""
    weekly = (
        _reviews(projects)
        .filter(created_at__gte=_charted_since())
        .annotate(week=TruncWeek("created_at"))
        .values_list("stage", "reviewer", "week")
        .annotate(total=Count("id"), approved=Count("id", filter=Q(verdict=Verdict.APPROVE)))
        .order_by("week")
    )
    samples: dict[tuple[int, str], list[Sample]] = {}
    for stage, person, week, total, approved in weekly:
        samples.setdefault((person, stage), []).append(Sample(week.date(), total, approved))
    return {who: _drift(who, samples) for who in samples}


def _charted_since() -> datetime:
    """The Monday with which the charts begin: a week is shown whole, or its rows would not be all of it."""
    today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    return today - timedelta(weeks=WEEKS, days=today.weekday())


def _drift(who: tuple[int, str], samples: Mapping[tuple[int, str], Sequence[Sample]]) -> Drift:
    others = [
        sample
        for (person, stage), theirs in samples.items()
        if stage == who[1] and person != who[0]
        for sample in theirs
    ]
    return drift_of(
        samples[who],
        peer_reviews=sum(sample.reviews for sample in others),
        peer_approved=sum(sample.approved for sample in others),
    )


def _caught(projects: Sequence[int]) -> dict[tuple[int, str], tuple[int, int]]:
    """(items seen, items judged rightly) by person and stage."""
    found: dict[tuple[int, str], tuple[int, int]] = {}
    judged = CalibrationResult.objects.judged().filter(item__project__in=projects)
    results = judged.values_list("reviewer", "item__stage", "item__flaws", "caught", "verdict")
    for person, stage, flaws, seen, verdict in results.iterator(chunk_size=2_000):
        total, hits = found.get((person, stage), (0, 0))
        found[person, stage] = (total + 1, hits + is_caught(flaws, seen, verdict))
    return found


@dataclass(frozen=True)
class Week:
    """One week of a stage: how many verdicts, which share approved."""

    start: date
    reviews: int
    approved: float
    rows: str


def weeks_of(stage: str, projects: Sequence[int], *, reviewer: int | None = None) -> list[Week]:
    """Approval over time: where strictness drifts, it shows here."""
    given = _reviews(projects).filter(stage=stage, created_at__gte=_charted_since())
    if reviewer is not None:
        given = given.filter(reviewer=reviewer)
    weekly = (
        given.annotate(week=TruncWeek("created_at"))
        .values("week")
        .annotate(total=Count("id"), approved=Count("id", filter=Q(verdict=Verdict.APPROVE)))
        .order_by("week")
    )
    return [
        Week(
            row["week"].date(),
            row["total"],
            row["approved"] / row["total"],
            urlencode({"stage": stage, "week": row["week"].date().isoformat()}),
        )
        for row in weekly
    ]


def rows_for(projects: Sequence[int], wanted: Mapping[str, str]) -> QuerySet[Review]:
    """The reviews behind a figure; `wanted` is what its query string says."""
    rows = _reviews(projects).select_related(
        "reviewer", "task__instruction", "task__project", "seat"
    )
    if stage := wanted.get("stage"):
        rows = rows.filter(stage=stage)
    if (reviewer := wanted.get("reviewer", "")).isdecimal():
        rows = rows.filter(reviewer=int(reviewer))
    if (besides := wanted.get("besides", "")).isdecimal():
        rows = rows.exclude(reviewer=int(besides))
    if (since := _day(wanted.get("since", ""))) is not None:
        rows = rows.filter(created_at__gte=since)
    if (verdict := wanted.get("verdict", "")) in Verdict.values:
        rows = rows.filter(verdict=verdict)
    if criterion := wanted.get("criterion"):
        rows = _marked(rows, criterion)
    if (start := _day(wanted.get("week", ""))) is not None:
        rows = rows.filter(created_at__gte=start, created_at__lt=start + timedelta(weeks=1))
    if wanted.get("double"):
        rows = rows.filter(revision__in=_judged_twice(projects, wanted))
    return rows.order_by("-id")


def _marked(rows: QuerySet[Review], criterion: str) -> QuerySet[Review]:
    """Those that marked a criterion: what one reviewer left open is compared with nothing."""
    mark = KeyTransform("mark", KeyTransform(criterion, "criteria"))
    return rows.annotate(mark=mark).filter(mark__isnull=False)


def _judged_twice(projects: Sequence[int], wanted: Mapping[str, str]) -> QuerySet[Review, Any]:
    units = _reviews(projects)
    if stage := wanted.get("stage"):
        units = units.filter(stage=stage)
    if criterion := wanted.get("criterion"):
        units = _marked(units, criterion)
    return (
        units.values("revision")
        .annotate(judged=Count("id"))
        .filter(judged__gt=1)
        .values("revision")
    )


def _reviews(projects: Sequence[int]) -> QuerySet[Review]:
    return Review.objects.filter(task__project__in=projects).exclude(verdict=Verdict.RECUSE)


def _day(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    return timezone.make_aware(found) if found is not None and timezone.is_naive(found) else found


def words_for(wanted: Mapping[str, str]) -> list[str]:
    """Which reviews `rows_for` gives, in words, for who comes from a figure."""
    people = {
        name: User.objects.filter(pk=int(key)).first()
        for name in ("reviewer", "besides")
        if (key := wanted.get(name, "")).isdecimal()
    }
    stage = next((each for each in PIPELINE if each.slug == wanted.get("stage")), None)
    labels = {one.id: one.label for one in stage.criteria} if stage else {}
    criterion, verdict = wanted.get("criterion", ""), wanted.get("verdict", "")
    week, since = _day(wanted.get("week", "")), _day(wanted.get("since", ""))
    said = [
        stage.title if stage else "",
        f"by {people['reviewer']}" if people.get("reviewer") else "",
        f"by everybody but {people['besides']}" if people.get("besides") else "",
        str(Verdict(verdict).label) if verdict in Verdict.values else "",
        f"week from {week:%-d %b %Y}" if week else "",
        f"since {since:%-d %b %Y}" if since else "",
        "responses that two or more people judged" if wanted.get("double") else "",
        f"marked on “{labels.get(criterion, criterion)}”" if criterion else "",
    ]
    return [each for each in said if each]


def led_projects(projects: QuerySet[Project]) -> list[int]:
    """The keys of the projects, once."""
    return list(projects.values_list("pk", flat=True))
