"""What changed between two texts, word by word: pure, and quick for thousands of lines.

Lines are compared first, words only inside the lines that differ. Joined without `skipped`, the parts
that are `same` or `removed` give the old text, those that are `same` or `added` the new one.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

from rapidfuzz.distance import Indel

Kind = Literal["same", "added", "removed", "skipped"]
Part = tuple[Kind, str]

# Words, runs of spaces, single other signs: joined they give the text back.
_TOKEN = re.compile(r"\w+|[^\S\n]+|\n|[^\w\s]")
# Stretches with more tokens than this are compared line by line where they have as many lines, and else
# shown as one removed and one added.
LARGEST_STRETCH = 6_000
# Unchanged text longer than this many characters between changes may be left out.
LONGEST_SAME = 600
KEPT_AROUND = 160
# Of one removed or added piece a page shows this many characters at its beginning and as many at its end.
LONGEST_CHANGE = 10_000


def changed_words(old: str, new: str) -> list[Part]:
    """The parts that lead from `old` to `new`."""
    if old == new:
        return [("same", old)] if old else []
    parts: list[Part] = []
    for tag, before, after in _stretches(
        old.splitlines(keepends=True), new.splitlines(keepends=True)
    ):
        if tag == "equal":
            parts.append(("same", "".join(before)))
        else:
            parts += _lines(before, after)
    return list(_merged(_bridged(list(_merged(parts)))))


def shortened(parts: Sequence[Part]) -> list[Part]:
    """The parts with long unchanged stretches and the middle of very long changes left out, for the page."""
    last = len(parts) - 1
    return [
        piece
        for place, part in enumerate(parts)
        for piece in _shorten(part, place == 0, place == last)
    ]


def distance(old: str, new: str) -> float:
    """Share of words that differ: 0 when equal, 1 when nothing stayed."""
    before, after = old.split(), new.split()
    return round(Indel.normalized_distance(before, after), 4)


def _stretches(
    old: Sequence[str], new: Sequence[str]
) -> Iterator[tuple[str, Sequence[str], Sequence[str]]]:
    """Stretches that are equal and stretches that changed, in order, neighbours of a kind joined."""
    changed_old, changed_new = 0, 0
    for tag, *edges in Indel.opcodes(old, new).as_list():
        if tag != "equal":
            continue
        a, b, c, d = (int(edge) for edge in edges)
        if (changed_old, changed_new) != (a, c):
            yield "changed", old[changed_old:a], new[changed_new:c]
        yield "equal", old[a:b], new[c:d]
        changed_old, changed_new = b, d
    if (changed_old, changed_new) != (len(old), len(new)):
        yield "changed", old[changed_old:], new[changed_new:]


def _lines(before: Sequence[str], after: Sequence[str]) -> list[Part]:
    """The words that changed in a stretch; in a very long one, from each line to the one in its place."""
    old, new = "".join(before), "".join(after)
    tokens = [_TOKEN.findall(text) for text in (old, new)]
    if ["".join(found) for found in tokens] != [old, new]:
        return [("removed", old), ("added", new)]
    if max(map(len, tokens)) <= LARGEST_STRETCH:
        return _words(*tokens)
    if len(before) == len(after) > 1:
        pairs = zip(before, after, strict=True)
        return [part for was, became in pairs for part in _lines([was], [became])]
    return [("removed", old), ("added", new)]


def _words(before: Sequence[str], after: Sequence[str]) -> list[Part]:
    parts: list[Part] = []
    for tag, was, became in _stretches(before, after):
        if tag == "equal":
            parts.append(("same", "".join(was)))
        else:
            parts += [("removed", "".join(was)), ("added", "".join(became))]
    return parts


def _merged(parts: Iterable[Part]) -> Iterator[Part]:
    """Neighbours of one kind as one part; between two unchanged stretches, removals before additions."""
    held: dict[Kind, list[str]] = {"removed": [], "added": []}
    same: list[str] = []

    def changes() -> Iterator[Part]:
        for changed, texts in held.items():
            if text := "".join(texts):
                yield changed, text
            texts.clear()

    for kind, text in parts:
        if not text:
            continue
        if kind == "same":
            yield from changes()
            same.append(text)
            continue
        if same:
            yield "same", "".join(same)
            same.clear()
        held[kind].append(text)
    yield from changes()
    if same:
        yield "same", "".join(same)


def _bridged(parts: Sequence[Part]) -> Iterator[Part]:
    """A space that alone stayed between two changes changes with them: whole phrases are read, not every other word."""
    last = len(parts) - 1
    for place, (kind, text) in enumerate(parts):
        if kind == "same" and 0 < place < last and "\n" not in text and text.isspace():
            yield "removed", text
            yield "added", text
        else:
            yield kind, text


def _shorten(part: Part, first: bool, last: bool) -> list[Part]:
    kind, text = part
    if kind == "same":
        if len(text) <= LONGEST_SAME:
            return [part]
        head = "" if first else text[:KEPT_AROUND]
        tail = "" if last else text[-KEPT_AROUND:]
        return _without_middle(kind, text, head, tail, "unchanged")
    if len(text) <= 2 * LONGEST_CHANGE:
        return [part]
    return _without_middle(
        kind, text, text[:LONGEST_CHANGE], text[-LONGEST_CHANGE:], f"more {kind}"
    )


def _without_middle(kind: Kind, text: str, head: str, tail: str, what: str) -> list[Part]:
    words = len(text[len(head) : len(text) - len(tail)].split())
    pieces: list[Part] = [(kind, head), ("skipped", f"{words} words {what}"), (kind, tail)]
    return [piece for piece in pieces if piece[1]]
