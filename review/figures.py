"""The figures about reviewing, each from one query, each with the filter that opens its rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db import connection
from django.db.models import Count, Q, QuerySet
from django.db.models.functions import TruncWeek
from django.utils import timezone

from annotation.models import ProjectVersion
from experts.models import Project
from review.drift import Drift, Sample, drift_of
from review.enums import Verdict
from review.models import CAME_OF_IT, CalibrationResult, Review
from review.rubric import rubric_of
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
    labels = {"verdict": "Verdict"} | criterion_labels(stage, projects)
    order = list(labels)
    return [
        Compared(
            labels.get(what, what),
            agreement(counted),
            urlencode(
                {"stage": stage, "double": "yes"}
                | ({} if what == "verdict" else {"criterion": what})
            ),
        )
        for what, counted in sorted(
            patterns.items(),
            key=lambda found: order.index(found[0]) if found[0] in labels else len(order),
        )
    ]


def criterion_labels(stage: str, projects: Sequence[int]) -> dict[str, str]:
    """What the criteria of a stage are called in these projects, in the order of their rubrics."""
    labels = {criterion.id: criterion.label for criterion in by_slug(stage).criteria}
    versions = ProjectVersion.objects.filter(project__in=projects).order_by("project", "number")
    for number, rubrics in versions.values_list("number", "rubrics"):
        own = rubric_of(by_slug(stage), rubrics=rubrics, project_version=number)
        labels |= {criterion.id: criterion.label for criterion in own.criteria}
    return labels


@dataclass(frozen=True)
class Calibrated:
    """What came of the calibration items one reviewer judged, each number under its name in CAME_OF_IT."""

    flawed: int = 0
    caught: int = 0
    sound: int = 0
    alarm: int = 0

    @property
    def catch_rate(self) -> Estimate:
        """The share of flawed items of which the reviewer saw a flaw."""
        return wilson(self.caught, self.flawed)

    @property
    def alarm_rate(self) -> Estimate:
        """The share of sound items that the reviewer did not let pass."""
        return wilson(self.alarm, self.sound)


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
    calibrated: Calibrated
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
        reviews_in(projects)
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
    calibrated, drifts = _calibrated(projects), drifts_in(projects)
    return [_reviewer(row, totals, calibrated, drifts) for row in rows if row["stage"] in totals]


def _reviewer(
    row: Mapping[str, Any],
    totals: Mapping[str, tuple[int, int]],
    calibrated: Mapping[tuple[int, str], Calibrated],
    drifts: Mapping[tuple[int, str], Drift],
) -> Reviewer:
    total, approved = totals[row["stage"]]
    others = total - row["total"]
    return Reviewer(
        person_id=row["reviewer"],
        name=row["reviewer__name"] or row["reviewer__email"],
        stage=row["stage"],
        title=by_slug(row["stage"]).title,
        reviews=row["total"],
        approved=wilson(row["approved"], row["total"]),
        peers=(approved - row["approved"]) / others if others else None,
        calibrated=calibrated.get((row["reviewer"], row["stage"]), Calibrated()),
        rows=urlencode({"stage": row["stage"], "reviewer": row["reviewer"]}),
        drift=drifts.get((row["reviewer"], row["stage"])) or NO_WEEKS,
    )


NO_WEEKS = drift_of([], peer_reviews=0, peer_approved=0)


def drifts_in(projects: Sequence[int]) -> dict[tuple[int, str], Drift]:
    """The control chart of everybody who reviewed of late, by person and stage; peers are all others there."""
    weekly = (
        reviews_in(projects)
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


def _calibrated(projects: Sequence[int]) -> dict[tuple[int, str], Calibrated]:
    """What came of calibration by person and stage."""
    judged = CalibrationResult.objects.judged().filter(item__project__in=projects)
    counted = (
        judged.values_list("reviewer", "item__stage")
        .order_by("reviewer", "item__stage")
        .annotate(**{name: Count("id", filter=came) for name, came in CAME_OF_IT.items()})
    )
    return {
        (person, stage): Calibrated(**dict(zip(CAME_OF_IT, numbers, strict=True)))
        for person, stage, *numbers in counted
    }


@dataclass(frozen=True)
class Week:
    """One week of a stage: how many verdicts, which share approved."""

    start: date
    reviews: int
    approved: float
    rows: str


def weeks_of(stage: str, projects: Sequence[int], *, reviewer: int | None = None) -> list[Week]:
    """Approval over time: where strictness drifts, it shows here."""
    given = reviews_in(projects).filter(stage=stage, created_at__gte=_charted_since())
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


def reviews_in(projects: Sequence[int]) -> QuerySet[Review]:
    """All verdicts given in these projects; a recusal judges nothing."""
    return Review.objects.filter(task__project__in=projects).exclude(verdict=Verdict.RECUSE)


def led_projects(projects: QuerySet[Project]) -> list[int]:
    """The keys of the projects, once."""
    return list(projects.values_list("pk", flat=True))
