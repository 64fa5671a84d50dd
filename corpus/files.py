"""Rows of a data file, one at a time: JSON Lines, JSON, CSV, TSV, XLSX, Parquet, gzipped or not."""

from __future__ import annotations

import csv
import gzip
import io
import itertools
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import ijson
import pyarrow.parquet
from openpyxl import load_workbook

from corpus.errors import UnreadableFile

_BATCH = 500


@dataclass(frozen=True, slots=True)
class Row:
    """One row, counted from 1. `problem` says why it cannot be read; then `data` is empty."""

    number: int
    data: dict[str, Any]
    problem: str = ""


def rows_of(path: Path) -> Iterator[Row]:
    """Every row of the file in order; a line that cannot be read is a row with a problem.

    Raises UnreadableFile where the file as a whole cannot be read.
    """
    if not path.is_file():
        raise UnreadableFile(f"There is no file {path}.")
    suffixes = [suffix.lower() for suffix in path.suffixes]
    kind = next((s for s in reversed(suffixes) if s != ".gz"), "")
    reader = {
        ".parquet": _parquet, ".xlsx": _xlsx, ".csv": _csv, ".tsv": _tsv,
        ".json": _json, ".jsonl": _lines, ".ndjson": _lines,
    }.get(kind, _json)  # fmt: skip
    try:
        yield from reader(path)
    except (OSError, UnicodeDecodeError, ValueError, KeyError, EOFError) as error:
        raise UnreadableFile(f"{path.name} cannot be read: {error}") from error


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    with path.open("rb") as file:
        zipped = file.peek(2)[:2] == b"\x1f\x8b"
        if not zipped:
            yield file
            return
        with io.BufferedReader(gzip.GzipFile(fileobj=file)) as plain:
            yield plain


@contextmanager
def _text(path: Path) -> Iterator[io.TextIOWrapper]:
    with (
        _opened(path) as file,
        io.TextIOWrapper(file, encoding="utf-8-sig", errors="replace", newline="") as text,
    ):
        yield text


def _lines(path: Path) -> Iterator[Row]:
    with _opened(path) as file:
        number = 0
        for line in file:
            stripped = line.strip().removeprefix(b"\xef\xbb\xbf")
            if not stripped:
                continue
            number += 1
            yield _line(number, stripped)


def _line(number: int, line: bytes) -> Row:
    try:
        value = json.loads(line.decode("utf-8", "replace"))
    except (ValueError, RecursionError) as error:
        return Row(number, {}, f"This line is not JSON: {error}.")
    return _row(number, value)


def _row(number: int, value: Any) -> Row:
    if isinstance(value, dict):
        return Row(number, value)
    if isinstance(value, list):
        return Row(number, {"messages": value})
    return Row(
        number,
        {"text": value} if isinstance(value, str) else {},
        "" if isinstance(value, str) else "This row is neither an object nor a text.",
    )


def _json(path: Path) -> Iterator[Row]:
    """An array, an object keyed by id, an object that holds the array, or JSON Lines so named."""
    with _opened(path) as file:
        head = file.read(65536).removeprefix(b"\xef\xbb\xbf").lstrip()
    if head[:1] == b"[":
        yield from _items(path, "item")
    elif _is_lines(head):
        yield from _lines(path)
    else:
        yield from _object(path)


def _is_lines(head: bytes) -> bool:
    first, _, rest = head.partition(b"\n")
    try:
        json.loads(first)
    except ValueError:
        return False
    return bool(rest.strip()) or (
        isinstance(json.loads(first), dict)
        and not any(isinstance(v, (dict, list)) for v in json.loads(first).values())
    )


def _items(path: Path, prefix: str) -> Iterator[Row]:
    with _opened(path) as file:
        number = 0
        try:
            for number, value in enumerate(ijson.items(file, prefix, use_float=True), 1):
                yield _row(number, value)
        except ijson.JSONError as error:
            yield Row(number + 1, {}, f"The file breaks off here: {error}.")


def _object(path: Path) -> Iterator[Row]:
    with _opened(path) as file:
        whole = json.loads(file.read().decode("utf-8-sig", "replace"))
    lists: list[list[Any]] = [
        v for v in whole.values() if isinstance(v, list) and v and isinstance(v[0], dict)
    ]
    if lists and not {"messages", "conversations"} & set(whole):
        longest = max(lists, key=len)
        found: Iterator[Any] = iter(longest)
    elif whole and all(isinstance(value, dict) for value in whole.values()):
        found = ({"_key": key, **value} for key, value in whole.items())
    else:
        found = iter([whole])
    for number, value in enumerate(found, 1):
        yield _row(number, value)


def _csv(path: Path, delimiter: str = ",") -> Iterator[Row]:
    csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
    with _text(path) as file:
        for number, record in enumerate(csv.DictReader(file, delimiter=delimiter), 1):
            extra = record.pop(None, None)
            problem = "This row has more cells than the head." if extra else ""
            yield Row(number, {k: v for k, v in record.items() if v is not None}, problem)


def _tsv(path: Path) -> Iterator[Row]:
    yield from _csv(path, "\t")


def _xlsx(path: Path) -> Iterator[Row]:
    book = load_workbook(path, read_only=True, data_only=True)
    try:
        sheet = book.worksheets[0].iter_rows(values_only=True)
        head = [str(name) if name is not None else "" for name in next(sheet, ())]
        for number, cells in enumerate(sheet, 1):
            named = zip(head, cells, strict=False)
            yield Row(number, {k: v for k, v in named if k and v is not None})
    finally:
        book.close()


def _parquet(path: Path) -> Iterator[Row]:
    with pyarrow.parquet.ParquetFile(path) as file:
        batches = file.iter_batches(batch_size=_BATCH)
        rows = itertools.chain.from_iterable(batch.to_pylist() for batch in batches)
        for number, value in enumerate(rows, 1):
            yield _row(number, value)
