"""What readers give: rows, and what could not be read, each with its place in the file."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lib.errors import Invalid

EXCERPT = 160


@dataclass(frozen=True, slots=True)
class Row:
    """One record of the file. `line` is where it begins, counted from 1 (in a workbook: the row)."""

    line: int
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Refusal:
    """One row that is not taken, and why in plain words. `value` is the beginning of what stood there."""

    line: int
    field: str
    reason: str
    value: str = ""

    def as_dict(self) -> dict[str, object]:
        return {"line": self.line, "field": self.field, "reason": self.reason, "value": self.value}


class RowRefused(Exception):
    """Raised while a row is turned into an instruction; becomes a Refusal."""

    def __init__(self, field: str, reason: str, value: object = "") -> None:
        super().__init__(reason)
        self.field, self.reason, self.value = field, reason, excerpt(value)

    def at(self, line: int) -> Refusal:
        """The refusal of the row on this line."""
        return Refusal(line, self.field, self.reason, self.value)


class FileRefused(Invalid):
    """The file as a whole cannot be read."""

    code = "file_refused"
    message = "This file cannot be read."


class EncodingUnknown(FileRefused):
    """The text is not UTF-8 and has no mark that says what it is: somebody has to decide.

    `data` holds `guess` (a Python codec name), `confidence` (0 to 1) and `sample`, a line read that way.
    """

    code = "encoding_unknown"


def excerpt(value: object) -> str:
    """The beginning of a value, short and storable, for a list of refusals."""
    text = value if isinstance(value, str) else "" if value is None else str(value)
    short = text if len(text) <= EXCERPT else text[: EXCERPT - 1] + "…"
    return short.replace("\x00", "␀").encode("utf-8", "replace").decode()
