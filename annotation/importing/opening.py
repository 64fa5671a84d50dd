"""Open an uploaded file: which kind it is, how it is packed, which letters it uses. Nothing is guessed silently."""

import codecs
import gzip
import io
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any, BinaryIO, TypeAlias

from charset_normalizer import from_bytes

from annotation.importing.rows import EncodingUnknown, FileRefused, excerpt

Stream: TypeAlias = "io.BufferedReader[Any]"
HEAD = 1 << 20
JSON, LINES, CSV, TSV, XLSX, PARQUET = "json", "jsonl", "csv", "tsv", "xlsx", "parquet"
_SUFFIXES = {
    ".json": JSON, ".jsonl": LINES, ".ndjson": LINES, ".csv": CSV, ".tsv": TSV, ".tab": TSV,
    ".xlsx": XLSX, ".parquet": PARQUET, ".pq": PARQUET,
}  # fmt: skip
KNOWN = "JSON Lines, JSON, CSV, TSV, XLSX and Parquet, each also as .gz"

# A packed text rarely shrinks to less than a fiftieth; what does, and is large, is made to do harm.
_LARGE_UNPACKED = 100 << 20
_LARGEST_RATIO = 200

_REFUSED_STARTS = {
    b"%PDF": "a PDF document",
    b"\xd0\xcf\x11\xe0": "an old Excel or Word file; save it as .xlsx or .csv",
    b"<?xml": "an XML document",
    b"<!DOCTYPE": "a web page",
    b"<html": "a web page",
    b"BZh": "packed with bzip2; unpack it or pack it as .gz",
    b"\xfd7zXZ": "packed with xz; unpack it or pack it as .gz",
    b"(\xb5/\xfd": "packed with zstd; unpack it or pack it as .gz",
    b"Rar!": "a RAR archive; unpack it first",
    b"7z\xbc\xaf": "a 7-Zip archive; unpack it first",
}
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class Counted(io.RawIOBase):
    """A file that counts what was read from it, for a progress bar."""

    def __init__(self, raw: BinaryIO) -> None:
        self.raw, self.count = raw, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]
        data = self.raw.read(len(buffer))
        buffer[: len(data)] = data
        self.count += len(data)
        return len(data)


class Unpacked(io.RawIOBase):
    """The inside of a .gz, which stops at what no honest file unpacks to."""

    def __init__(self, stream: Stream, packed: Counted) -> None:
        self.packed, self.inside, self.count = packed, gzip.GzipFile(fileobj=stream), 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]
        try:
            data = self.inside.read(len(buffer))
        except (OSError, EOFError) as broken:
            raise FileRefused(
                "The compressed file is damaged or cut off.",
                advice="Pack it again and upload it again.",
            ) from broken
        buffer[: len(data)] = data
        self.count += len(data)
        if self.count > _LARGE_UNPACKED and self.count > _LARGEST_RATIO * max(self.packed.count, 1):
            raise FileRefused(
                "This file unpacks to more than two hundred times its size, so it was not read further.",
                advice="If it is what it should be, unpack it yourself and upload the parts.",
            )
        return len(data)


class Recoded(io.RawIOBase):
    """A text in another encoding, read as UTF-8. A byte that does not fit stays one that does not fit."""

    def __init__(self, raw: Stream, encoding: str) -> None:
        self.text = io.TextIOWrapper(raw, encoding, errors="surrogateescape", newline="")
        self.rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]
        if not self.rest:
            self.rest = self.text.read(1 << 16).encode("utf-8", "surrogatepass")
        size = min(len(buffer), len(self.rest))
        buffer[:size], self.rest = self.rest[:size], self.rest[size:]
        return size


@dataclass
class Opened:
    """A file ready to read. `stream` gives unpacked bytes; `encoding` is empty for binary kinds.

    `counted.count` of `size` bytes have been read so far.
    """

    name: str
    kind: str
    stream: Stream
    encoding: str
    counted: Counted
    size: int

    def utf8(self) -> Stream:
        """The text as UTF-8 bytes without a byte-order mark."""
        if self.encoding in {"utf-8", "ascii"}:
            return self.stream
        return io.BufferedReader(Recoded(self.stream, self.encoding), HEAD)

    def text(self) -> io.TextIOWrapper:
        """The text, decoded; a byte that does not fit becomes a lone surrogate, which no row may hold."""
        return io.TextIOWrapper(self.stream, self.encoding, errors="surrogateescape", newline="")


def opened(raw: BinaryIO, name: str, *, size: int = 0, encoding: str = "") -> Opened:
    """Look at the beginning of a file and make it readable; raises FileRefused or EncodingUnknown.

    `encoding`, when given, is what a person decided; a byte-order mark still wins.
    """
    counted = Counted(raw)
    stream: Stream = io.BufferedReader(counted, HEAD)
    plain = name
    if stream.peek(2)[:2] == b"\x1f\x8b":
        stream = io.BufferedReader(Unpacked(stream, counted), HEAD)
        plain = name[:-3] if name.lower().endswith(".gz") else name
    head = stream.peek(HEAD)
    kind = _kind(plain, head)
    found = "" if kind in {XLSX, PARQUET} else encoding_of(head, encoding)
    return Opened(name, kind, stream, found, counted, size)


def _kind(name: str, head: bytes) -> str:
    _require_readable(head)
    suffix = PurePath(name).suffix.lower()
    if head.startswith(b"PAR1"):
        return PARQUET
    if head.startswith(b"PK\x03\x04"):
        if suffix in {".xlsx", ".xlsm", ""}:
            return XLSX
        raise FileRefused(
            "This is a ZIP archive.", advice="Unpack it and upload the files in it one by one."
        )
    kind = _SUFFIXES.get(suffix, "")
    if kind in {XLSX, PARQUET}:
        raise FileRefused(
            f"The name says {suffix}, but the content is something else.", advice="Export it again."
        )
    return kind or _kind_unnamed(suffix, head)


def _require_readable(head: bytes) -> None:
    if not head:
        raise FileRefused(
            "This file is empty.", advice="Choose the file again; perhaps its export failed."
        )
    if head.startswith(b"\x1f\x8b"):
        raise FileRefused(
            "This file is packed twice.", advice="Unpack it once and upload it again."
        )
    start = head.lstrip()[:16]
    for mark, what in _REFUSED_STARTS.items():
        if start.startswith(mark):
            raise FileRefused(f"This is {what}.", advice=f"What can be read: {KNOWN}.")


def _kind_unnamed(suffix: str, head: bytes) -> str:
    if head.lstrip()[:1] in {b"{", b"["}:
        return JSON
    if suffix:
        raise FileRefused(
            f"What kind of table a file named {suffix} holds cannot be told.",
            advice=f"Give it the ending of its kind. What can be read: {KNOWN}.",
        )
    return CSV


def encoding_of(head: bytes, decided: str = "") -> str:
    """The encoding by its mark, by a person's decision, or because it is UTF-8; else EncodingUnknown."""
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name
    if decided:
        return _checked(decided)
    # Zeros are valid UTF-8, but in every other place they mean UTF-16 without a mark.
    if _is_utf8(head) and not _looks_wide(head):
        return "utf-8"
    best = from_bytes(head[: 1 << 18]).best()
    if best is None:
        raise EncodingUnknown(
            "The letters of this file cannot be read: it is not UTF-8 and nothing else that is known.",
            advice="Save it again as UTF-8.",
        )
    confidence = max(0.0, min(1.0, 1 - best.chaos)) * (best.coherence or 0.5)
    sample = next((line for line in str(best).splitlines() if not line.isascii()), "")
    raise EncodingUnknown(
        f"This file is not UTF-8. It looks like {best.encoding} ({confidence:.0%} sure).",
        advice=f"Say which encoding it is, for instance {best.encoding}, or save it again as UTF-8. "
        f"Read as {best.encoding} it says: “{excerpt(sample)}”.",
        guess=best.encoding,
        confidence=round(confidence, 2),
        sample=excerpt(sample),
    )


def _is_utf8(head: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return False
    return True


def _looks_wide(head: bytes) -> bool:
    """Whether every other byte tends to be zero: Latin text in UTF-16 or UTF-32 without a mark."""
    start = head[:4096]
    return start.count(0) * 3 > len(start)


def _checked(name: str) -> str:
    try:
        found = codecs.lookup(name.strip())
        "a".encode(found.name)
    except (LookupError, ValueError, TypeError) as unknown:
        raise FileRefused(
            f"“{name}” is no encoding that is known here.",
            advice="Try utf-8, cp1252, latin-1, utf-16 or gb18030.",
        ) from unknown
    return found.name
