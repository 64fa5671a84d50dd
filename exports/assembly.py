"""From built shards to the files of a release directory, in the order and names of its contract."""

import hashlib
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from exports import lines, store
from exports.formats import FORMATS
from exports.formats.types import Format, Shelf
from exports.papers.facts import FileFact
from exports.parquet import Shape, configurations
from exports.records import SCHEMA_VERSION

Part = Mapping[str, Any]
"""{sha256, bytes, records, rows} of one file of a shard."""


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
            yield joined(path, [part["sha256"]], shard.split, schema, part["records"], part["rows"])


def format_files(shards: Sequence[BuiltShard], dataset: str) -> Iterator[Assembled]:
    """formats/: one file for each format and split that holds rows, and the formats' small files."""
    splits = list(dict.fromkeys(shard.split for shard in shards))
    for entry in FORMATS:
        names, digest = {}, hashlib.sha256()
        for split in splits:
            parts = [s.parts[entry.slug] for s in shards if s.split == split]
            filled = [part for part in parts if part["rows"]]
            if filled:
                names[split] = f"{split}.{entry.suffix}"
                made = _format_file(entry, split, filled)
                digest.update(made.fact.sha256.encode())
                yield made
        if names:
            for name, content in sorted(
                entry.companions(Shelf(dataset, names, digest.hexdigest())).items()
            ):
                yield small(f"formats/{entry.slug}/{name}", content)


def _format_file(entry: Format, split: str, filled: Sequence[Part]) -> Assembled:
    pieces: list[str] = []
    joint = store.put_bytes(entry.joint) if entry.joint else ""
    if entry.head:
        pieces.append(store.put_bytes(entry.head))
    for place, part in enumerate(filled):
        if place and joint:
            pieces.append(joint)
        pieces.append(part["sha256"])
    if entry.tail:
        pieces.append(store.put_bytes(entry.tail))
    return joined(
        f"formats/{entry.slug}/{split}.{entry.suffix}",
        pieces,
        split,
        f"{entry.slug}/{entry.version}",
        sum(part["records"] for part in filled),
        sum(part["rows"] for part in filled),
    )


def report(shards: Sequence[BuiltShard]) -> dict[str, Any]:
    """formats/report.json: for each format and split, records held, left out and why, facts lost."""
    return {"formats": {entry.slug: _told(entry, shards) for entry in FORMATS}}


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
        with draft.open("rb") as source:
            sha256 = hashlib.file_digest(source, "sha256").hexdigest()
        store.put_file(draft, sha256)
    return joined(path, [sha256], "", "", rows, rows)


def joined(
    path: str, pieces: Sequence[str], split: str, schema: str, records: int | None, rows: int | None
) -> Assembled:
    """A file of several chunks, read through once for its digest and checksum."""
    digest, crc, total = hashlib.sha256(), 0, 0
    chunks: list[list[Any]] = []
    for sha256 in pieces:
        size = 0
        with store.open_chunk(sha256) as source:
            while block := source.read(store.BLOCK):
                digest.update(block)
                crc = zlib.crc32(block, crc)
                size += len(block)
        chunks.append([sha256, size])
        total += size
    fact = FileFact(path, digest.hexdigest(), total, records, rows, split, schema)
    return Assembled(fact, crc, chunks)
