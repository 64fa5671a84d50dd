"""What a format is: a pure projection of the record, and the text in which its rows are written."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import orjson

from exports import lines
from exports.records import Record

Row = dict[str, Any]


class Refused(Exception):
    """The format cannot hold this record; the text says why, in words that fit a report."""


@dataclass(frozen=True)
class Projection:
    """The rows that one record becomes, and what they no longer say."""

    rows: list[Row]
    lost: frozenset[str] = field(default=frozenset())


@dataclass(frozen=True)
class Shelf:
    """What a companion file may need to know: the data set's name and which splits hold rows."""

    dataset: str
    files: Mapping[str, str]
    """Split name to file name, splits without rows left out."""
    fingerprint: str = ""
    """Changes with the content of the files."""


class Format(ABC):
    """One training format. Subclasses are listed in `exports.formats.FORMATS`."""

    slug: ClassVar[str]
    title: ClassVar[str]
    version: ClassVar[int] = 1
    suffix: ClassVar[str]
    media_type: ClassVar[str]
    drops: ClassVar[tuple[str, ...]] = ()
    """What no row of this format can say, for every record alike."""
    head: ClassVar[bytes] = b""
    joint: ClassVar[bytes] = b""
    tail: ClassVar[bytes] = b""

    @abstractmethod
    def project(self, record: Record) -> Projection:
        """The rows of `record`; raises Refused with the reason when it cannot be said."""

    @abstractmethod
    def encode(self, row: Row) -> bytes:
        """One row as it stands in the file, without head, joint and tail."""

    def companions(self, shelf: Shelf) -> Mapping[str, bytes]:
        """Small files, by name, that the trainer wants beside the rows."""
        return {}


class JsonLines(Format):
    """One JSON object a line."""

    suffix = "jsonl"
    media_type = "application/jsonl"

    def encode(self, row: Row) -> bytes:
        """The row as one line, LF included."""
        return lines.line(row)


class JsonArray(Format):
    """One JSON array, a row a line."""

    suffix = "json"
    media_type = "application/json"
    head, joint, tail = b"[\n", b",\n", b"\n]\n"

    def encode(self, row: Row) -> bytes:
        """The row alone: joints stand between rows."""
        return lines.line(row).removesuffix(b"\n")


class CsvTable(Format):
    """RFC 4180 with LF: every cell quoted, first line the column names."""

    suffix = "csv"
    media_type = "text/csv"
    columns: ClassVar[tuple[str, ...]]

    def __init__(self) -> None:
        self.head = self._line(self.columns)  # type: ignore[misc]

    def encode(self, row: Row) -> bytes:
        """The row's cells in column order."""
        return self._line([row[column] for column in self.columns])

    @staticmethod
    def _line(cells: Sequence[Any]) -> bytes:
        # What csv.writer makes with QUOTE_ALL, several times faster for long texts.
        quoted = ('"' + str(cell).replace('"', '""') + '"' for cell in cells)
        return (",".join(quoted) + "\n").encode()


def json_file(value: Any) -> bytes:
    """A companion file in JSON."""
    return orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
