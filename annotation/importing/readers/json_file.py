"""A JSON document of any common layout, cut into its records without holding more than one of them.

A pull parser would lose the place at the first slip and read lone surrogates as question marks. Here the
text is only cut at the brackets, and each piece is parsed by itself: a broken record is refused, the
next one goes on.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import orjson

from annotation.importing.opening import Stream
from annotation.importing.readers import lines
from annotation.importing.readers.lines import LARGEST_RECORD, parsed
from annotation.importing.rows import FileRefused, Refusal, Row

_CHUNK = 1 << 18
# A whole string, a bracket, or a quotation mark whose end has not been read yet. Possessive: never goes back.
_TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+"|[\[\]{}]|"', re.DOTALL)

# Lists of objects that belong to one record rather than being the records of a file.
_INNER_LISTS = {
    b'"messages"', b'"conversations"', b'"conversation"', b'"turns"', b'"replies"', b'"instances"',
    b'"evidence"', b'"requirements"', b'"tools"', b'"history"',
}  # fmt: skip


@dataclass(frozen=True)
class Layout:
    """Where the records are: `lines`, `one`, the children of an `array` (below `keys`), or `keyed` ones."""

    name: str
    keys: tuple[bytes, ...] = ()


def rows(stream: Stream) -> Iterator[Row | Refusal]:
    """The records of a UTF-8 JSON text: an array, an object keyed by id, a wrapped array, or lines."""
    layout = layout_of(stream.peek(1 << 20))
    if layout.name == "lines":
        yield from lines.rows(stream)
    elif layout.name == "one":
        yield parsed(stream.read(LARGEST_RECORD), 1)
    else:
        yield from _Cutter(stream, layout).records()


def layout_of(head: bytes) -> Layout:
    """Recognise the layout from the beginning of the text; raises FileRefused when it is none."""
    start = head.lstrip()[:1]
    if start == b"[":
        return Layout("array")
    if start != b"{":
        raise FileRefused(
            "This is not JSON: it begins with neither { nor [.",
            advice="If it is a table, name the file .csv.",
        )
    outline = _outline(head)
    if outline.closed and head[outline.closed :].strip():
        return Layout("lines")
    if outline.wrapped:
        return Layout("array", outline.wrapped)
    if outline.objects >= 2 or (outline.objects and outline.objects == outline.members):
        return Layout("keyed")
    return Layout("one") if outline.closed or len(head) < (1 << 20) else Layout("lines")


@dataclass
class _Outline:
    closed: int = 0
    objects: int = 0
    members: int = 0
    wrapped: tuple[bytes, ...] = ()


def _outline(head: bytes) -> _Outline:
    """What the outer object holds: where it ends, how many objects, and the first list of objects."""
    found, strings = _Outline(), [b""]
    path: list[tuple[bytes, bytes]] = []
    before = b""
    for match in _TOKEN.finditer(head):
        token = match[0]
        if token in b"{[":
            if len(path) == 1:
                found.members += 1
                found.objects += token == b"{"
            elif token == b"{" and before == b"[" and 2 <= len(path) <= 4 and not found.wrapped:
                keys = tuple(key for key, _ in path[1:])
                if b"" not in keys and keys[-1] not in _INNER_LISTS and found.objects < 2:
                    found.wrapped = keys
            path.append((strings[-1] if before[:1] == b'"' else b"", token))
        elif token in b"}]":
            if path:
                path.pop()
            if not path:
                found.closed = match.end()
                break
        elif len(token) > 1:
            strings[-1] = token
        before = token
    return found


class _Cutter:
    """Walks over a text once and yields the children of one bracket.

    `data` is what is held of the text, looked through up to `scan`; the record that is open begins at
    `start` (-1: none). A record too large to hold is let go of and refused.
    """

    def __init__(self, stream: Stream, layout: Layout) -> None:
        self.stream, self.layout = stream, layout
        self.inside = len(layout.keys) + 1  # how many brackets are open around a record
        self.reached = not layout.keys
        self.data, self.line = b"", 1
        self.scan, self.start, self.depth = 0, -1, 0
        self.key = b""
        self.giant = self.finished = False

    def records(self) -> Iterator[Row | Refusal]:
        while not self.finished and (chunk := self.stream.read(_CHUNK)):
            self.data += chunk
            yield from self._look()
            self._let_go()
            if len(self.data) > 2 * LARGEST_RECORD:
                yield Refusal(
                    self.line, "", "A quotation mark that opens here is not closed within 32 MB."
                )
                return
        if not self.finished:
            reason = "The file ends in the middle: a bracket or a quotation mark is not closed."
            yield Refusal(self.line, "", reason)

    def _look(self) -> Iterator[Row | Refusal]:
        for match in _TOKEN.finditer(self.data, self.scan):
            token = match[0]
            if token == b'"':
                self.scan = match.start()
                return
            self.scan = match.end()
            if token[0] == 0x22:
                if self.start < 0 and (found := self._string(token, match.start())):
                    yield found
            elif token in b"{[":
                self._open(token, match.start())
            elif found := self._close(match.end()):
                yield found
            if self.finished:
                return

    def _string(self, token: bytes, place: int) -> Row | Refusal | None:
        """A string between records: the name of what follows, or a record of its own in a list of texts."""
        self.key = token
        if self.reached and self.depth == self.inside and self.layout.name == "array":
            return parsed(token, self._line_at(place))
        return None

    def _open(self, token: bytes, place: int) -> None:
        if not self.reached:
            wanted = self.layout.keys[-1] if self.depth == self.inside - 1 else None
            self.reached = token == b"[" and self.key == wanted
        elif self.depth == self.inside and self.start < 0:
            self.start = place
        self.depth += 1

    def _close(self, end: int) -> Row | Refusal | None:
        self.depth -= 1
        if self.start >= 0 and self.depth == self.inside:
            start, giant = self.start, self.giant
            self.start, self.giant = -1, False
            if giant:
                return Refusal(self.line, "", "A record that ends here is larger than 16 MB.")
            return self._record(self.data[start:end], self._line_at(start))
        self.finished = self.reached and self.start < 0 and self.depth < self.inside
        return None

    def _record(self, data: bytes, line: int) -> Row | Refusal:
        named = self.layout.name == "keyed" and self.key
        return parsed(data, line, str(orjson.loads(self.key)) if named else "")

    def _line_at(self, place: int) -> int:
        return self.line + self.data.count(b"\n", 0, place)

    def _let_go(self) -> None:
        """Forget what has been read, except the record that is open."""
        if self.start >= 0 and self.scan - self.start > LARGEST_RECORD:
            self.giant = True
        cut = self.scan if self.start < 0 or self.giant else self.start
        self.line += self.data.count(b"\n", 0, cut)
        self.data = self.data[cut:]
        self.scan -= cut
        self.start = 0 if self.start >= 0 else -1
