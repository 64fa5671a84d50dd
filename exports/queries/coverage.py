"""What there is against what is wanted."""

from collections import Counter
from typing import Any

from annotation.queries import current_version
from exports.models import Dataset
from exports.queries.counting import Counted
from exports.queries.selecting import AXES


def coverage(counted: Counted) -> list[dict[str, Any]]:
    """One row for each domain: records by difficulty 1 to 5, and their sum. A domain that is wanted and
    has nothing in it or below it has an empty row."""
    table: dict[str, dict[int, int]] = {}
    for (domain, difficulty), number in counted.by("domain", "difficulty").items():
        table.setdefault(domain, {})[difficulty] = number
    for wanted in targets_of(counted.dataset).get("domain", {}):
        if not any(domain == wanted or domain.startswith(f"{wanted}.") for domain in table):
            table[wanted] = {}
    most = max((n for cells in table.values() for n in cells.values()), default=0)
    return [
        {
            "domain": domain,
            "cells": [
                {
                    "n": cells.get(level, 0),
                    "heat": -(-4 * cells.get(level, 0) // most) if most else 0,
                }
                for level in range(1, 6)
            ],
            "total": sum(cells.values()),
        }
        for domain, cells in sorted(table.items())
    ]


def targets_of(dataset: Dataset) -> dict[str, dict[str, int]]:
    """{axis: {value: records wanted}}: the data set's own targets, else those of its projects together."""
    if dataset.coverage_targets:
        return {
            axis: {value: int(n) for value, n in wanted.items()}
            for axis, wanted in dataset.coverage_targets.items()
            if axis in AXES
        }
    found: dict[str, Counter[str]] = {}
    for project in dataset.projects.all():
        for axis, wanted in current_version(project).coverage_targets.items():
            if axis in AXES and isinstance(wanted, dict):
                found.setdefault(axis, Counter()).update({v: int(n) for v, n in wanted.items()})
    return {axis: dict(wanted) for axis, wanted in found.items()}


def against_targets(counted: Counted) -> list[dict[str, Any]]:
    """Each target with what there is and what is missing; a domain counts all below it."""
    return [
        {
            "axis": axis,
            "value": value,
            "n": (number := _reached(counted.slices[axis], axis, value)),
            "target": target,
            "missing": max(0, target - number),
            "percent": min(100, 100 * number // target) if target else 100,
        }
        for axis, wanted in targets_of(counted.dataset).items()
        for value, target in sorted(wanted.items())
    ]


def _reached(values: dict[str, int], axis: str, wanted: str) -> int:
    below = f"{wanted}."
    return sum(
        n
        for value, n in values.items()
        if value == wanted or (axis == "domain" and value.startswith(below))
    )
