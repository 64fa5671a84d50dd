"""What a release holds, counted: {column: {value: records}}. Its figures are told from this alone."""

from collections.abc import Mapping
from typing import Any

import orjson

Tally = dict[str, dict[str, int]]
FLAGS = ("tools", "reasoning", "masks", "attachments")


def continued(base: Mapping[str, Mapping[str, int]], begun: Tally, ended: Tally) -> Tally:
    """`base` with what began and without what ended; a value that no record has any more is gone."""
    found: Tally = {}
    for column, added in begun.items():
        counts = dict(base.get(column, {}))
        for value, number in added.items():
            counts[value] = counts.get(value, 0) + number
        for value, number in ended.get(column, {}).items():
            counts[value] = counts.get(value, 0) - number
        found[column] = {value: number for value, number in sorted(counts.items()) if number}
    return found


def shape(tally: Tally) -> dict[str, bool]:
    """What the records use at all."""
    return {flag: bool(tally[flag].get("True")) for flag in FLAGS}


def check_versions(tally: Tally) -> dict[str, dict[str, int]]:
    """{check: {version: records}} of what the records were checked by."""
    found: dict[str, dict[str, int]] = {}
    for checked, number in tally["checks"].items():
        versions: dict[str, Any] = orjson.loads(checked)
        for check, version in versions.items():
            counts = found.setdefault(check, {})
            counts[str(version)] = counts.get(str(version), 0) + number
    return {check: dict(sorted(found[check].items())) for check in sorted(found)}
