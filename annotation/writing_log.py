"""The writing log as pure data: reading it, replaying it, checking its chain. No database here.

An edit is a list `[field, gap, duration, kind, changes]`: the name of a field of the draft, tenths of a second
since the edit before, tenths of a second it took, how the words came about, and what changed. `changes` is what
CodeMirror's `ChangeSet.toJSON` writes: a number keeps so many characters, a list `[removed, line, line…]` replaces
so many characters by lines. Marks of time alone (`opened`, `away`, `back`, `kept`) have no changes.

Positions count UTF-16 code units, because browsers do; texts are therefore edited as UTF-16 bytes here.
"""

import hashlib
import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from annotation.errors import LogInvalid

# How words can come about. The order is the code of the origin in a replay.
KINDS = (
    "typed", "composed", "completed", "replaced", "pasted", "dropped", "quoted", "moved", "undone",
    "deleted", "restored", "merged", "other", "suggested", "redacted",
)  # fmt: skip
MARKS = ("opened", "away", "back", "kept")

LARGEST_BATCH = 4 * 1024 * 1024
LONGEST_FIELD = 1_000_000
MOST_FIELDS = 400
LONGEST_TIME = 10 * 60 * 60 * 24 * 7  # a week in tenths of a second

Changes = list[Any]


@dataclass(frozen=True, slots=True)
class Edit:
    """One run of changes to one field."""

    field: str
    gap: int
    duration: int
    kind: str
    changes: Changes | None

    def as_list(self) -> list[Any]:
        return [self.field, self.gap, self.duration, self.kind, self.changes]


def read_edits(rows: Any) -> list[Edit]:
    """Edits as the browser sends them, checked one by one; raises LogInvalid naming the first bad one."""
    if not isinstance(rows, list):
        raise LogInvalid("The list of edits is not a list.")
    return [_read_edit(number, row) for number, row in enumerate(rows, 1)]


def _read_edit(number: int, row: Any) -> Edit:
    match row:
        case [str(field), int(gap), int(duration), str(kind), changes] if (
            len(field) <= 80
            and 0 <= gap <= LONGEST_TIME
            and 0 <= duration <= LONGEST_TIME
            and (
                (kind in KINDS and isinstance(changes, list)) or (kind in MARKS and changes is None)
            )
        ):
            return Edit(field, gap, duration, kind, changes)
    raise LogInvalid(f"Edit {number} is not of a known shape.")


def pack(edits: Sequence[Edit]) -> bytes:
    """The edits of one batch, compressed."""
    rows = [edit.as_list() for edit in edits]
    return zlib.compress(json.dumps(rows, separators=(",", ":")).encode(), 6)


def unpack(payload: bytes) -> list[Edit]:
    """What `pack` packed; refuses what grows beyond the largest batch."""
    inflate = zlib.decompressobj()
    raw = inflate.decompress(payload, LARGEST_BATCH * 2)
    if inflate.unconsumed_tail:
        raise LogInvalid("A batch of the writing log is too large.")
    return read_edits(json.loads(raw))


def chained(head: bytes, payload: bytes) -> bytes:
    """The next link: SHA-256 of the link before and this batch."""
    return hashlib.sha256(head + payload).digest()


def chain_holds(batches: Iterable[tuple[int, bytes, bytes]]) -> bool:
    """Whether (sequence, payload, link) follow each other without a gap and every link is right."""
    head = b""
    for expected, (sequence, payload, link) in enumerate(batches, 1):
        head = chained(head, payload)
        if sequence != expected or head != link:
            return False
    return True


class Pages:
    """The fields of a draft as UTF-16 bytes, to which edits are applied in order."""

    def __init__(self, fields: Mapping[str, str] | None = None) -> None:
        self.bytes = {name: bytearray(_encode(text)) for name, text in (fields or {}).items()}

    def apply(self, edit: Edit) -> None:
        """Carry out one edit; raises LogInvalid when it does not fit the text."""
        if edit.changes is None:
            return
        if edit.field not in self.bytes and len(self.bytes) >= MOST_FIELDS:
            raise LogInvalid("The draft has too many parts.")
        text = self.bytes.setdefault(edit.field, bytearray())
        splice(text, spans(edit.changes, len(text) // 2))
        if len(text) > LONGEST_FIELD * 2:
            raise LogInvalid(
                f"A text can hold {LONGEST_FIELD:,} characters at most.",
                advice="Take out what is not part of the response, for instance a pasted file.",
            )

    def texts(self) -> dict[str, str]:
        """The fields as they stand now."""
        return {
            name: bytes(text).decode("utf-16-le", "surrogatepass")
            for name, text in self.bytes.items()
        }


def replay(edits: Iterable[Edit], fields: Mapping[str, str] | None = None) -> dict[str, str]:
    """The fields after all `edits`, starting from `fields` (nothing unless given)."""
    pages = Pages(fields)
    for edit in edits:
        pages.apply(edit)
    return pages.texts()


Span = tuple[int, int, str]


def spans(changes: Changes, length: int) -> list[Span]:
    """The replacements (from, to, text) in a text of `length` code units; positions before any of them."""
    found: list[Span] = []
    position = 0
    for section in changes:
        match section:
            case bool():
                raise LogInvalid("An edit of the writing log is broken.")
            case int(kept) if kept >= 0:
                position += kept
            case [int(removed), *lines] if (
                removed >= 0
                and not isinstance(removed, bool)
                and all(isinstance(line, str) for line in lines)
            ):
                found.append((position, position + removed, "\n".join(lines)))
                position += removed
            case _:
                raise LogInvalid("An edit of the writing log is broken.")
    if position != length:
        raise LogInvalid(
            f"An edit was made on a text of {position} characters, but the text has {length}."
        )
    return found


def splice(text: bytearray, replacements: Sequence[Span]) -> None:
    """Carry out replacements, last first, so that earlier positions stay true."""
    for start, end, inserted in reversed(replacements):
        text[start * 2 : end * 2] = _encode(inserted)


def checksum(text: str) -> int:
    """CRC-32 of the text in UTF-16, as the browser computes it."""
    return zlib.crc32(_encode(text))


def replacement(before: str, after: str, field: str, kind: str) -> Edit | None:
    """The one edit that turns `before` into `after`: what stands alike at both ends is kept."""
    if before == after:
        return None
    old, new = _encode(before), _encode(after)
    start = _alike(old, new)
    end = _alike(old[start:], new[start:], backwards=True)
    removed = (len(old) - start - end) // 2
    inserted = new[start : len(new) - end].decode("utf-16-le", "surrogatepass")
    parts: Changes = [start // 2, [removed, *(inserted.split("\n") if inserted else [])], end // 2]
    return Edit(field, 0, 0, kind, [part for part in parts if part != 0])


def _alike(old: bytes, new: bytes, *, backwards: bool = False) -> int:
    """How many bytes (an even number) the two have in common at the start, or at the end."""
    if backwards:
        old, new = old[::-1], new[::-1]
    shorter = min(len(old), len(new))
    low, high = 0, shorter // 2
    while low < high:
        middle = (low + high + 1) // 2
        if old[: middle * 2] == new[: middle * 2]:
            low = middle
        else:
            high = middle - 1
    return low * 2


def _encode(text: str) -> bytes:
    return text.encode("utf-16-le", "surrogatepass")
