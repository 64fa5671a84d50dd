"""CSV and TSV: a heading line, then one record a row. A cell is text and nothing else."""

import csv
import io
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from annotation.importing.rows import FileRefused, Refusal, Row, excerpt

if TYPE_CHECKING:
    import _csv

LARGEST_CELL = 4 << 20
csv.field_size_limit(LARGEST_CELL)
_DELIMITERS = ",;\t|"


def rows(stream: io.TextIOWrapper, *, tabs: bool = False) -> Iterator[Row | Refusal]:
    """The records below the heading; a row whose cells do not fit the heading is refused."""
    reader = _reader(stream, tabs=tabs)
    try:
        heading = next(reader, None)
    except csv.Error as problem:
        raise FileRefused(f"The heading line cannot be read: {problem}.") from problem
    if not heading or not any(name.strip() for name in heading):
        raise FileRefused(
            "The first line names no columns.", advice="Put the names of the columns there."
        )
    names = column_names(heading)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as problem:
            yield Refusal(line, "", f"{_in_words(problem)} (lines {line} to {reader.line_num}).")
            continue
        if cells:
            yield _row(names, cells, line)


def _reader(stream: io.TextIOWrapper, *, tabs: bool) -> "_csv.Reader":
    first = stream.readline(1 << 20)
    delimiter = "\t" if tabs else max(_DELIMITERS, key=_outside_quotes(first).count)
    return csv.reader(_Rejoined(first, stream), delimiter=delimiter, strict=True)


class _Rejoined:
    """The line that was looked at, then the rest."""

    def __init__(self, first: str, rest: io.TextIOWrapper) -> None:
        self.first, self.rest = first, rest

    def __iter__(self) -> Iterator[str]:
        yield self.first
        yield from self.rest


def _outside_quotes(line: str) -> str:
    return "".join(line.split('"')[::2])


def column_names(heading: Sequence[str]) -> list[str]:
    """Names for all columns: an empty one is numbered, a repeated one too."""
    names: list[str] = []
    for place, raw in enumerate(heading, 1):
        name = raw.strip().replace("\x00", "") or f"column {place}"
        twice = sum(known == name or known.startswith(f"{name} (") for known in names)
        names.append(f"{name} ({twice + 1})" if twice else name)
    return names


def _row(names: Sequence[str], cells: Sequence[str], line: int) -> Row | Refusal:
    if len(cells) != len(names):
        reason = f"This row has {len(cells)} cells, the heading has {len(names)}."
        return Refusal(line, "", reason, excerpt(cells[0]))
    return Row(line, dict(zip(names, cells, strict=True)))


def _in_words(problem: csv.Error) -> str:
    text = str(problem)
    if "field larger" in text or "unexpected end" in text:
        return "A quotation mark that opens here is never closed"
    if "expected after" in text:
        return "After a closing quotation mark something else than the next cell follows"
    return f"This row cannot be read: {text}"
