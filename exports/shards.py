"""A shard: some thousand records written in every format at once, ready to be put together.

The parts of a shard depend on its records and on the code alone, never on the release, so the next
release takes them over as they are when its pins for the shard are the same.
"""

import hashlib
import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Self

from exports import lines
from exports.formats import FORMATS, chosen
from exports.formats.types import Format, Refused
from exports.parquet import GroupWriter, Shape, configurations
from exports.records import SCHEMA_VERSION, Record

WRITER_VERSION = 4
"""Raise when the bytes of a shard change for the same records."""
_BLOCK = 1 << 18


@dataclass
class Part:
    """One file of a shard: where it lies, its digest and checksum, how many records it holds."""

    path: Path
    sha256: str
    crc32: int
    bytes: int
    records: int
    rows: int


@dataclass
class FormatCount:
    """What became of the records in one format."""

    records: int = 0
    rows: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    lost: Counter[str] = field(default_factory=Counter)

    def as_dict(self) -> dict[str, Any]:
        """Plain data with sorted keys."""
        return {
            "left_out": dict(sorted(self.left_out.items())),
            "lost": dict(sorted(self.lost.items())),
            "records": self.records,
            "rows": self.rows,
        }


def recipe(shape: Shape, formats: Sequence[str] = ()) -> dict[str, Any]:
    """What besides the records decides the bytes of a shard."""
    return {
        "formats": {entry.slug: entry.version for entry in chosen(formats)},
        "schema": SCHEMA_VERSION,
        "shape": asdict(shape),
        "writer": WRITER_VERSION,
    }


def key(pins_sha256: str, shape: Shape, formats: Sequence[str] = ()) -> str:
    """The shard's name: a digest of its recipe and of its records' pins, in order."""
    made_of = {"pins": pins_sha256, "recipe": recipe(shape, formats)}
    return hashlib.sha256(lines.canonical(made_of)).hexdigest()


class _Sink:
    """A file that is digested as it is written, in blocks of some hundred rows."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: BinaryIO = path.open("wb", buffering=0)
        self._waiting: list[bytes] = []
        self._held = 0
        self._digest = hashlib.sha256()
        self._crc32 = 0
        self._bytes = 0

    def write(self, data: bytes) -> None:
        self._waiting.append(data)
        self._held += len(data)
        if self._held > _BLOCK:
            self._flush()

    def close(self) -> None:
        self._flush()
        self._file.close()

    def abandon(self) -> None:
        self._file.close()

    def part(self, records: int, rows: int) -> Part:
        return Part(self._path, self._digest.hexdigest(), self._crc32, self._bytes, records, rows)

    def _flush(self) -> None:
        block = b"".join(self._waiting)
        self._waiting, self._held = [], 0
        self._digest.update(block)
        self._crc32 = zlib.crc32(block, self._crc32)
        self._bytes += len(block)
        rest = memoryview(block)
        while rest:
            rest = rest[self._file.write(rest) :]


class ShardWriter:
    """Writes one shard into `folder`; `parts()` and `counts` tell afterwards what is there."""

    def __init__(self, folder: Path, shape: Shape, formats: Sequence[Format] = FORMATS) -> None:
        self._chosen = formats
        self._folder = folder
        self._records = 0
        self.counts = {entry.slug: FormatCount() for entry in formats}
        self._canonical = _Sink(folder / "records")
        self._formats = {entry.slug: _Sink(folder / entry.slug) for entry in formats}
        default, objects = configurations(shape)
        self._groups = {
            "data": GroupWriter(default, folder / "data"),
            "objects": GroupWriter(objects, folder / "objects"),
        }

    def add(self, data: Mapping[str, Any]) -> None:
        """Write one record everywhere it fits."""
        record = Record(data)
        self._records += 1
        self._canonical.write(lines.line(data))
        for group in self._groups.values():
            group.add(record)
        for entry in self._chosen:
            self._project(entry, record)

    def _project(self, entry: Format, record: Record) -> None:
        count = self.counts[entry.slug]
        try:
            projection = entry.project(record)
        except Refused as refusal:
            count.left_out[str(refusal)] += 1
            return
        sink = self._formats[entry.slug]
        for row in projection.rows:
            if count.rows:
                sink.write(entry.joint)
            sink.write(entry.encode(row))
            count.rows += 1
        count.records += 1
        if projection.lost:
            count.lost.update(projection.lost)

    def close(self) -> None:
        """Finish every file."""
        self._canonical.close()
        for sink in self._formats.values():
            sink.close()
        for group in self._groups.values():
            group.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: object, where: object) -> None:
        """Finish every file; after a fault let go of them as they are, so that it alone is heard of."""
        try:
            if kind is None:
                self.close()
        finally:
            self._let_go()

    def _let_go(self) -> None:
        for sink in (self._canonical, *self._formats.values()):
            sink.abandon()
        for group in self._groups.values():
            with suppress(OSError):
                group.abandon()

    def parts(self) -> dict[str, Part]:
        """Every file of the closed shard by its role: records, data, objects, or a format's slug."""
        made = {"records": self._canonical.part(self._records, self._records)}
        made |= {role: self._read(self._folder / role) for role in self._groups}
        made |= {
            slug: self._formats[slug].part(count.records, count.rows)
            for slug, count in self.counts.items()
        }
        return made

    def _read(self, path: Path) -> Part:
        digest, crc, size = hashlib.sha256(), 0, 0
        with path.open("rb", buffering=0) as source:
            while block := source.read(_BLOCK):
                digest.update(block)
                crc, size = zlib.crc32(block, crc), size + len(block)
        return Part(path, digest.hexdigest(), crc, size, self._records, self._records)
