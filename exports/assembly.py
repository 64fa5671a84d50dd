"""From built shards to the files of a release directory, in the order and names of its contract."""

import hashlib
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from exports import lines, store
from exports.formats import FORMATS
from exports.formats.types import Format, Shelf
from exports.papers.facts import FileFact
from exports.parquet import Shape, configurations
from exports.records import SCHEMA_VERSION

Part = Mapping[str, Any]
"""{sha256, crc32, bytes, records, rows} of one file of a shard."""
Piece = tuple[str, int, int]
"""(sha256, bytes, crc32) of a chunk."""
_READERS = 2
"""Files read at once for their digests: the digest is taken outside the interpreter's lock."""


@dataclass(frozen=True)
class BuiltShard:
    """A shard in its place: its split, its files by role, what its formats hold."""

    split: str
    parts: Mapping[str, Part]
    counts: Mapping[str, Mapping[str, Any]]


@dataclass
class Assembled:
    """A file of the release: what the manifest tells of it, and the chunks it is made of."""

    fact: FileFact
    crc32: int
    chunks: list[list[Any]] = field(default_factory=list)


def data_files(shards: Sequence[BuiltShard], shape: Shape) -> Iterator[Assembled]:
    """records/, data/ and objects/: one file a shard."""
    default, objects = configurations(shape)
    schemas = {
        "records": ("jsonl", f"record/{SCHEMA_VERSION}"),
        "data": ("parquet", default.name),
        "objects": ("parquet", objects.name),
    }
    totals = Counter(shard.split for shard in shards)
    seen: Counter[str] = Counter()
    for shard in shards:
        number, total = seen[shard.split], totals[shard.split]
        seen[shard.split] += 1
        for role, (suffix, schema) in schemas.items():
            path = f"{role}/{shard.split}-{number:05d}-of-{total:05d}.{suffix}"
            part = shard.parts[role]
            yield joined(path, [_piece(part)], shard.split, schema, part["records"], part["rows"])


def format_files(shards: Sequence[BuiltShard], dataset: str) -> Iterator[Assembled]:
    """formats/: one file for each format and split that holds rows, and the formats' small files."""
    filled = {
        (entry.slug, split): (entry, split, parts)
        for entry in _formats(shards)
        for split in dict.fromkeys(shard.split for shard in shards)
        if (parts := [p for s in shards if s.split == split and (p := s.parts[entry.slug])["rows"]])
    }
    with ThreadPoolExecutor(_READERS) as readers:
        made = dict(zip(filled, readers.map(_format_file, filled.values()), strict=True))
    for entry in _formats(shards):
        own = {split: file for (slug, split), file in made.items() if slug == entry.slug}
        yield from own.values()
        if own:
            names = {split: f"{split}.{entry.suffix}" for split in own}
            digest = hashlib.sha256("".join(file.fact.sha256 for file in own.values()).encode())
            shelf = Shelf(dataset, names, digest.hexdigest())
            for name, content in sorted(entry.companions(shelf).items()):
                yield small(f"formats/{entry.slug}/{name}", content)


def _formats(shards: Sequence[BuiltShard]) -> list[Format]:
    """The formats that these shards were written in."""
    written = shards[0].counts if shards else {}
    return [entry for entry in FORMATS if entry.slug in written]


def _format_file(asked: tuple[Format, str, Sequence[Part]]) -> Assembled:
    entry, split, filled = asked
    pieces: list[Piece] = []
    joint = _kept(entry.joint) if entry.joint else None
    if entry.head:
        pieces.append(_kept(entry.head))
    for place, part in enumerate(filled):
        if place and joint:
            pieces.append(joint)
        pieces.append(_piece(part))
    if entry.tail:
        pieces.append(_kept(entry.tail))
    return joined(
        f"formats/{entry.slug}/{split}.{entry.suffix}",
        pieces,
        split,
        f"{entry.slug}/{entry.version}",
        sum(part["records"] for part in filled),
        sum(part["rows"] for part in filled),
    )


def _piece(part: Part) -> Piece:
    return part["sha256"], part["bytes"], part["crc32"]


def _kept(content: bytes) -> Piece:
    return store.put_bytes(content), len(content), zlib.crc32(content)


def report(shards: Sequence[BuiltShard]) -> dict[str, Any]:
    """formats/report.json: for each format and split, records held, left out and why, facts lost."""
    return {"formats": {entry.slug: _told(entry, shards) for entry in _formats(shards)}}


def _told(entry: Format, shards: Sequence[BuiltShard]) -> dict[str, Any]:
    splits = dict.fromkeys(shard.split for shard in shards)
    by_split = {
        split: _added_up(s.counts[entry.slug] for s in shards if s.split == split)
        for split in splits
    }
    return {
        "title": entry.title,
        "version": entry.version,
        "suffix": entry.suffix,
        "never_says": list(entry.drops),
        "splits": by_split,
        "total": _added_up(by_split.values()),
    }


def _added_up(counts: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    told: dict[str, Counter[str]] = {"left_out": Counter(), "lost": Counter()}
    numbers: Counter[str] = Counter()
    for count in counts:
        for name, counter in told.items():
            counter.update(count[name])
        numbers.update({"records": count["records"], "rows": count["rows"]})
    sums: dict[str, Any] = {"records": numbers["records"], "rows": numbers["rows"]}
    return sums | {name: dict(sorted(counter.items())) for name, counter in told.items()}


def small(path: str, content: bytes, rows: int | None = None) -> Assembled:
    """A file made here: papers, reports, companions."""
    sha256 = store.put_bytes(content)
    counted = path.endswith(".jsonl")
    number = (content.count(b"\n") if rows is None else rows) if counted else None
    fact = FileFact(path, sha256, len(content), number, number)
    return Assembled(fact, zlib.crc32(content), [[sha256, len(content)]])


def streamed(path: str, entries: Iterable[Mapping[str, Any]]) -> Assembled:
    """A JSON Lines file of entries that may be too many for memory."""
    rows = 0
    with store.workspace() as folder:
        draft = folder / "entries"
        with draft.open("wb") as sink:
            for entry in entries:
                sink.write(lines.line(entry))
                rows += 1
        piece = piece_of(draft)
        store.put_file(draft, piece[0])
    return joined(path, [piece], "", "", rows, rows)


def piece_of(path: Path) -> Piece:
    """What the file at `path` is as a chunk."""
    digest, crc, size = hashlib.sha256(), 0, 0
    with path.open("rb", buffering=0) as source:
        while block := source.read(store.BLOCK):
            digest.update(block)
            crc, size = zlib.crc32(block, crc), size + len(block)
    return digest.hexdigest(), size, crc


def joined(
    path: str,
    pieces: Sequence[Piece],
    split: str,
    schema: str,
    records: int | None,
    rows: int | None,
) -> Assembled:
    """A file of several chunks, read through once for its digest and checksum; of one, not at all."""
    chunks: list[list[Any]] = [[sha256, size] for sha256, size, _ in pieces]
    sha256, crc = (pieces[0][0], pieces[0][2]) if len(pieces) == 1 else _read_through(chunks)
    total = sum(size for _, size, _ in pieces)
    fact = FileFact(path, sha256, total, records, rows, split, schema)
    return Assembled(fact, crc, chunks)


def stored(path: str, sha256: str) -> Assembled:
    """A file that is one chunk of the store already, of a size not yet known."""
    crc, size = 0, 0
    with store.open_chunk(sha256) as source:
        while block := source.read(store.BLOCK):
            crc, size = zlib.crc32(block, crc), size + len(block)
    return joined(path, [(sha256, size, crc)], "", "", None, None)


def _read_through(chunks: list[list[Any]]) -> tuple[str, int]:
    digest, crc = hashlib.sha256(), 0
    for block in store.read(chunks):
        digest.update(block)
        crc = zlib.crc32(block, crc)
    return digest.hexdigest(), crc
