"""XLSX: the cells of one sheet as they stand. A formula is not computed; where one is needed, the row is refused."""

import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from typing import Any, BinaryIO

import openpyxl

from annotation.importing.opening import Stream
from annotation.importing.readers.delimited import column_names
from annotation.importing.rows import FileRefused, Row

_MOST_PARTS = 5_000
_LARGEST_UNPACKED = 1 << 30
_LARGE, _LARGEST_RATIO = 64 << 20, 250
_MOST_COLUMNS = 500
_MOST_EMPTY_ROWS = 10_000


class Formula(str):
    """The text of a formula: kept apart from words, so that nothing takes it for content."""

    __slots__ = ()


class CellError(str):
    """What Excel shows where it could not compute, like #REF!."""

    __slots__ = ()


def rows(stream: BinaryIO, *, sheet: str = "") -> Iterator[Row]:
    """The rows of a sheet (the first one unless named) below its first row that is not empty."""
    _require_harmless(stream)
    try:
        book = openpyxl.load_workbook(stream, read_only=True, data_only=False, keep_links=False)
    except Exception as broken:  # openpyxl raises whatever its parts raise
        raise FileRefused(
            "This workbook cannot be read.", advice="Save it again as .xlsx or .csv."
        ) from broken
    try:
        yield from _rows(_sheet(book, sheet))
    except (zipfile.BadZipFile, ValueError, KeyError, SyntaxError) as broken:
        raise FileRefused(
            "A part of this workbook is damaged.", advice="Save it again, or as .csv."
        ) from broken
    finally:
        book.close()


def _require_harmless(stream: BinaryIO) -> None:
    """Look at the sizes the archive declares; the unpacking stops there by itself."""
    try:
        parts = zipfile.ZipFile(stream).infolist()
    except zipfile.BadZipFile as broken:
        raise FileRefused(
            "This workbook is damaged or cut off.", advice="Upload it again."
        ) from broken
    unpacked, packed = (
        sum(part.file_size for part in parts),
        sum(part.compress_size for part in parts),
    )
    too_dense = unpacked > _LARGE and unpacked > _LARGEST_RATIO * max(packed, 1)
    if len(parts) > _MOST_PARTS or unpacked > _LARGEST_UNPACKED or too_dense:
        raise FileRefused(
            "This workbook unpacks to far more than it should, so it was not opened.",
            advice="Save the sheet as .csv, or split it.",
        )
    if any(part.flag_bits & 1 for part in parts):
        raise FileRefused(
            "This workbook is protected by a password.", advice="Save it without one."
        )
    stream.seek(0)


def _sheet(book: Any, name: str) -> Any:
    if not name:
        return book.worksheets[0]
    if name not in book.sheetnames:
        known = ", ".join(f"“{known}”" for known in book.sheetnames[:10])
        raise FileRefused(f"There is no sheet “{name}”.", advice=f"Sheets in this file: {known}.")
    return book[name]


def _rows(sheet: Any) -> Iterator[Row]:
    sheet.reset_dimensions()  # what the file says about its size need not be true
    names: list[str] = []
    empty = 0
    for number, cells in enumerate(sheet.iter_rows(max_col=_MOST_COLUMNS), 1):
        values = [_value(cell) for cell in cells]
        if all(value is None for value in values):
            empty += 1
            if empty > _MOST_EMPTY_ROWS:
                return
        elif not names:
            names = _heading(values)
        else:
            empty = 0
            yield Row(number, dict(zip(names, values, strict=False)))
    if not names:
        raise FileRefused(
            "The first sheet is empty.", advice="Name the sheet that holds the instructions."
        )


def _heading(values: Sequence[Any]) -> list[str]:
    filled = max(place for place, value in enumerate(values, 1) if value is not None)
    return column_names(["" if value is None else str(value) for value in values[:filled]])


def _value(cell: Any) -> Any:
    value = None if cell.value == "" else cell.value
    match value:
        case str() if cell.data_type in {"f", "e"}:
            value = Formula(value) if cell.data_type == "f" else CellError(value)
        case bool():
            value = "true" if value else "false"
        case float() if value.is_integer():
            value = int(value)
        case datetime() | date() | time():
            value = value.isoformat()
    return value


def seekable(stream: Stream, spool: BinaryIO) -> BinaryIO:
    """Copy a stream that cannot jump into `spool`; archives are read from their end."""
    while chunk := stream.read(1 << 20):
        spool.write(chunk)
    spool.seek(0)
    return spool
