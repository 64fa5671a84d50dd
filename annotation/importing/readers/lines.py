"""JSON Lines: one record a line, each judged by itself."""

import json
from collections.abc import Iterator
from typing import Any

import orjson

from annotation.importing.opening import Stream
from annotation.importing.rows import Refusal, Row, excerpt

LARGEST_RECORD = 16 << 20


def rows(stream: Stream) -> Iterator[Row | Refusal]:
    """Each line of UTF-8 bytes as a row, or as the refusal of that line; blank lines are passed over."""
    number = 0
    while line := stream.readline(LARGEST_RECORD + 1):
        number += 1
        if len(line) > LARGEST_RECORD and not line.endswith(b"\n"):
            _drain(stream)
            yield Refusal(
                number,
                "",
                "This line is longer than 16 MB.",
                excerpt(line[:200].decode(errors="replace")),
            )
        elif line.strip():
            yield parsed(line, number)


def _drain(stream: Stream) -> None:
    """Go on to the end of a line, holding none of it."""
    while (rest := stream.readline(1 << 16)) and not rest.endswith(b"\n"):
        pass


def parsed(data: bytes, line: int, key: str = "") -> Row | Refusal:
    """One JSON record as a row; `key` is its name where records are named, kept as the column `key`."""
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError as problem:
        return _why(data, line, problem)
    if isinstance(value, str):
        value = {"text": value}
    if not isinstance(value, dict):
        kind = "a list" if isinstance(value, list) else "a single value"
        return Refusal(
            line, "", f"This record is {kind}, not an object with named fields.", _shown(data)
        )
    return Row(line, {"key": key, **value} if key else value)


def _why(data: bytes, line: int, problem: orjson.JSONDecodeError) -> Refusal:
    """Say what is wrong in terms of the file, and in which field where that can be told."""
    try:
        data.decode()
    except UnicodeDecodeError as bad:
        reason = f"Byte {bad.start + 1} (0x{data[bad.start]:02x}) is not UTF-8."
        return Refusal(line, "", reason, _shown(data[max(0, bad.start - 20) :]))
    field = _field_with_half_character(data)
    if field:
        return Refusal(
            line,
            field,
            "Half of a character (a lone surrogate) stands in this field.",
            _shown(data),
        )
    if "recursion" in str(problem):
        return Refusal(line, "", "This record is nested too deeply.", _shown(data))
    return Refusal(
        line,
        "",
        f"This is not valid JSON: {problem.msg} at character {problem.pos + 1}.",
        _shown(data),
    )


def _field_with_half_character(data: bytes) -> str:
    try:
        value: Any = json.loads(data)
    except (ValueError, RecursionError):
        return ""
    if not isinstance(value, dict):
        return ""
    for name, part in value.items():
        try:
            json.dumps(part, ensure_ascii=False).encode()
        except UnicodeEncodeError:
            return str(name).encode(errors="replace").decode()
    return ""


def _shown(data: bytes) -> str:
    return excerpt(data[:400].decode(errors="replace").strip())
