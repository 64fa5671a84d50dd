"""Lengths over many rendered records: a histogram, and which records a limit would cut."""

from collections.abc import Mapping, Sequence
from typing import Any

BARS = 12


def summary(results: Sequence[Mapping[str, Any]], limit: int) -> dict[str, Any]:
    """Histogram bars {from, to, n}, totals, and the records with deviations, most severe first."""
    good = [result for result in results if "problem" not in result]
    lengths = sorted(result["tokens"] for result in good)
    return {
        "records": len(results),
        "refused": [result for result in results if "problem" in result],
        "bars": bars(lengths),
        "median": lengths[len(lengths) // 2] if lengths else 0,
        "longest": lengths[-1] if lengths else 0,
        "tokens": sum(lengths),
        "trained": sum(result["trained"] for result in good),
        "truncated": sorted((result for result in good if result["cut"]), key=lambda r: -r["cut"]),
        "deviating": [result for result in good if result.get("beyond_cut", result["deviations"])],
        "limit": limit,
    }


def bars(lengths: Sequence[int]) -> list[dict[str, int]]:
    """Equal steps from 0 to the longest."""
    if not lengths:
        return []
    step = max(1, -(-(lengths[-1] + 1) // BARS))
    counts = [0] * -(-(lengths[-1] + 1) // step)
    for length in lengths:
        counts[length // step] += 1
    return [
        {"from": place * step, "to": (place + 1) * step - 1, "n": number}
        for place, number in enumerate(counts)
    ]
