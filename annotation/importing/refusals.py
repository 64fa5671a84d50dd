"""Refused rows as a table that a spreadsheet can open without running anything."""

import csv
from collections.abc import Iterable, Iterator

from annotation.importing.rows import Refusal

COLUMNS = ("line", "field", "reason", "value")
_ACTIVE = ("=", "+", "-", "@", "\t", "\r")


def as_table(refusals: Iterable[Refusal]) -> Iterator[str]:
    """The refusals as lines of CSV, the heading first; one is read at a time."""
    table = csv.writer(_Echo())
    yield table.writerow(COLUMNS)
    for refusal in refusals:
        yield table.writerow(as_cells(refusal))


def as_cells(refusal: Refusal) -> list[str]:
    """The cells of one refusal; what a spreadsheet would take for a formula gets an apostrophe before it."""
    return [_inert(str(part)) for part in refusal.as_dict().values()]


def _inert(text: str) -> str:
    return f"'{text}" if text.startswith(_ACTIVE) else text


class _Echo:
    """Gives back what a csv writer writes."""

    def write(self, line: str) -> str:
        return line
