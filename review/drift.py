"""Whether somebody's strictness stays with that of their peers, week by week: control charts, pure.

A week is one sample of verdicts; its share of approvals is held against the peers' share in the same stage.
Two rules speak up: a week outside three standard errors, and a running sum of small steps in one direction
(CUSUM) that passes its limit. Sources: W. A. Shewhart, "Economic Control of Quality of Manufactured Product"
(1931), for the limits; E. S. Page, "Continuous Inspection Schemes", Biometrika 41 (1954), for the sum, with the
usual allowance of half a standard error and decision limit of five.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from math import sqrt

SIGMAS = 3.0
ALLOWANCE = 0.5
LIMIT = 5.0
# A week with fewer verdicts moves neither rule: one verdict would be a tenth of its share.
FEWEST_A_WEEK = 10
FEWEST_WEEKS = 4
FEWEST_PEERS = 50


class Course(StrEnum):
    """What can be said of somebody's strictness over time."""

    FEW = "too few to say"
    STEADY = "steady"
    STRICTER = "stricter than before"
    MILDER = "milder than before"


@dataclass(frozen=True)
class Sample:
    """The verdicts of one person in one week."""

    week: date
    reviews: int
    approved: int


@dataclass(frozen=True)
class Point:
    """One week on the chart. Limits and sums are None where the week has too few verdicts."""

    week: date
    reviews: int
    approved: float
    low: float | None = None
    high: float | None = None
    risen: float | None = None
    fallen: float | None = None

    @property
    def is_outside(self) -> bool:
        """Whether this week alone lies beyond its limits."""
        if self.low is None or self.high is None:
            return False
        return not self.low <= self.approved <= self.high

    @property
    def has_shifted(self) -> bool:
        """Whether the running sum has passed its limit."""
        return max(self.risen or 0.0, self.fallen or 0.0) > LIMIT


@dataclass(frozen=True)
class Drift:
    """A person's weeks beside the share of approvals of their peers, and what the two rules say."""

    points: Sequence[Point]
    peers: float | None
    course: Course

    @property
    def signals(self) -> list[Point]:
        """The weeks in which a rule spoke up."""
        return [point for point in self.points if point.is_outside or point.has_shifted]


def drift_of(samples: Sequence[Sample], *, peer_reviews: int, peer_approved: int) -> Drift:
    """The chart of one person; `samples` in order of their weeks.

    Weeks beyond the limits say stricter or milder only while the newest judged week still does.
    """
    if peer_reviews < FEWEST_PEERS:
        points = [_bare(sample) for sample in samples]
        return Drift(points, None, Course.FEW)
    expected = peer_approved / peer_reviews
    points = _charted(samples, expected)
    judged = [point for point in points if point.low is not None]
    if len(judged) < FEWEST_WEEKS:
        return Drift(points, expected, Course.FEW)
    return Drift(points, expected, _course(judged[-1], expected))


def _course(last: Point, expected: float) -> Course:
    if not (last.is_outside or last.has_shifted):
        return Course.STEADY
    if last.is_outside:
        return Course.MILDER if last.approved > expected else Course.STRICTER
    return Course.MILDER if (last.risen or 0) > (last.fallen or 0) else Course.STRICTER


def _charted(samples: Sequence[Sample], expected: float) -> list[Point]:
    points, risen, fallen = [], 0.0, 0.0
    for sample in samples:
        if sample.reviews < FEWEST_A_WEEK:
            points.append(_bare(sample))
            continue
        error = _error(expected, sample.reviews)
        away = (sample.approved / sample.reviews - expected) / error
        risen = max(0.0, risen + away - ALLOWANCE)
        fallen = max(0.0, fallen - away - ALLOWANCE)
        points.append(
            Point(
                sample.week,
                sample.reviews,
                sample.approved / sample.reviews,
                low=max(0.0, expected - SIGMAS * error),
                high=min(1.0, expected + SIGMAS * error),
                risen=risen,
                fallen=fallen,
            )
        )
    return points


def _error(expected: float, reviews: int) -> float:
    """The standard error of a week's share. Where all peers decide alike it is that of one verdict
    otherwise among a hundred: a share without any spread would call every single case a drift."""
    share = min(max(expected, 0.01), 0.99)
    return sqrt(share * (1 - share) / reviews)


def _bare(sample: Sample) -> Point:
    return Point(sample.week, sample.reviews, sample.approved / max(sample.reviews, 1))
