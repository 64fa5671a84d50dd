"""How well people agree, in figures with their uncertainty: pure, over counted patterns.

A unit (one revision, or one criterion of it) was judged by two or more people. What counts is only which marks
were given how often, so a million units come as a few dozen patterns with counts: memory does not grow.

Sources: K. L. Gwet, "Computing inter-rater reliability and its variance in the presence of high agreement",
British Journal of Mathematical and Statistical Psychology 61 (2008), for AC1; K. Krippendorff, "Computing
Krippendorff's alpha-reliability" (2011), for alpha; E. B. Wilson, JASA 22 (1927), for the interval of a share.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt

import numpy as np
import numpy.typing as npt

# Under this many double-judged units nothing is said about agreement: the interval of AC1 is wider than 0.28.
FEWEST_UNITS = 50
RESAMPLED = 1_000
Z95 = 1.959963984540054

Pattern = tuple[str, ...]
Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Estimate:
    """A figure with its 95 % interval; `value` None where it is not defined."""

    value: float | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Agreement:
    """Agreement over `units` units: share of agreeing pairs, Gwet's AC1, Krippendorff's alpha (nominal)."""

    units: int
    raw: Estimate
    ac1: Estimate
    alpha: Estimate

    @property
    def is_too_few(self) -> bool:
        """Whether there are too few units to say anything."""
        return self.units < FEWEST_UNITS


def agreement(patterns: Mapping[Pattern, int], *, seed: int = 1) -> Agreement:
    """Agreement over units given as {marks of one unit: number of such units}.

    Intervals come from a percentile bootstrap over units with a fixed seed, so that a page shows the same
    figures twice.
    """
    known = {pattern: count for pattern, count in patterns.items() if pattern and count > 0}
    units = sum(count for pattern, count in known.items() if len(pattern) > 1)
    if not units:
        nothing = Estimate(None)
        return Agreement(0, nothing, nothing, nothing)
    parts = _Parts.of(known)
    counts = np.array([list(known.values())], dtype=float)
    point = parts.figures(counts)
    total = int(counts.sum())
    resampled = np.random.default_rng(seed).multinomial(total, counts[0] / total, size=RESAMPLED)
    spread = parts.figures(resampled.astype(float))
    raw, ac1, alpha = (_estimate(p[0], s) for p, s in zip(point, spread, strict=True))
    return Agreement(units, raw, ac1, alpha)


def wilson(hits: int, total: int) -> Estimate:
    """A share with Wilson's score interval at 95 %."""
    if total == 0:
        return Estimate(None)
    share = hits / total
    denominator = 1 + Z95**2 / total
    middle = (share + Z95**2 / (2 * total)) / denominator
    half = Z95 * sqrt(share * (1 - share) / total + Z95**2 / (4 * total**2)) / denominator
    return Estimate(share, max(0.0, middle - half), min(1.0, middle + half))


@dataclass(frozen=True)
class _Parts:
    """What each pattern adds to the sums: all figures are ratios of weighted sums over patterns."""

    pairable: Array  # (patterns,)       1 where at least two people judged
    agreeing: Array  # (patterns,)       share of agreeing pairs
    shares: Array  # (patterns, marks)   share of each mark
    coincidences: Array  # (patterns, marks, marks)

    @classmethod
    def of(cls, patterns: Mapping[Pattern, int]) -> "_Parts":
        marks = sorted({mark for pattern in patterns for mark in pattern})
        counts = np.array(
            [[pattern.count(mark) for mark in marks] for pattern in patterns], dtype=float
        )
        raters = counts.sum(axis=1)
        pairs = np.maximum(raters * (raters - 1), 1)
        outer = counts[:, :, None] * counts[:, None, :] - counts[:, :, None] * np.eye(len(marks))
        return cls(
            pairable=(raters > 1).astype(float),
            agreeing=(counts * (counts - 1)).sum(axis=1) / pairs,
            shares=counts / raters[:, None],
            coincidences=outer / np.maximum(raters - 1, 1)[:, None, None],
        )

    def figures(self, weights: Array) -> tuple[Array, Array, Array]:
        """Raw agreement, AC1 and alpha for each row of pattern counts."""
        with np.errstate(divide="ignore", invalid="ignore"):
            observed = weights @ self.agreeing / (weights @ self.pairable)
            return observed, self._ac1(weights, observed), self._alpha(weights)

    def _ac1(self, weights: Array, observed: Array) -> Array:
        marks = self.shares.shape[1]
        if marks < 2:
            return np.ones_like(observed)
        shares = weights @ self.shares / weights.sum(axis=1, keepdims=True)
        expected = (shares * (1 - shares)).sum(axis=1) / (marks - 1)
        beyond: Array = (observed - expected) / (1 - expected)
        return beyond

    def _alpha(self, weights: Array) -> Array:
        table = np.tensordot(weights, self.coincidences, axes=1)
        totals = table.sum(axis=2)
        everything = totals.sum(axis=1)
        observed = everything - np.trace(table, axis1=1, axis2=2)
        expected = (everything**2 - (totals**2).sum(axis=1)) / (everything - 1)
        # Where only one mark was ever given, chance explains everything: alpha is not defined.
        result: Array = np.where(expected > 0, 1 - observed / expected, np.nan)
        return result


def _estimate(point: float, spread: Array) -> Estimate:
    if np.isnan(point):
        return Estimate(None)
    usable = spread[~np.isnan(spread)]
    low, high = np.percentile(usable, [2.5, 97.5]) if usable.size else (point, point)
    return Estimate(float(point), float(low), float(high))
