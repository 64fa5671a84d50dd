"""Where a comment belongs in a text, and where that place is after the text has changed: pure.

An anchor is {"start", "end", "quote", "prefix", "suffix"}: code points in the text it was made on, the words
there and up to CONTEXT characters on either side (the selectors of the W3C Web Annotation model, sections
4.2.4 and 4.2.5). It is found again by its words first; who reads it is told when they are gone.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

from rapidfuzz import fuzz
from rapidfuzz.distance import Prefix

CONTEXT = 48
# Below this length a passage that was altered cannot be told from another one.
SHORTEST_INEXACT = 12
ALIKE = 75.0
LONGEST_QUOTE = 4_000
# What a laid-out page does not show: marks of Markdown and how lines are broken.
_UNSEEN = re.compile(
    r"[*_`#>~|\\\[\]]+|\((?:https?|mailto):[^)\s]*\)|^\s*(?:[-+]|\d+[.)])\s+|\s+", re.MULTILINE
)


@dataclass(frozen=True)
class Anchor:
    """A passage of a text."""

    start: int
    end: int
    quote: str
    prefix: str = ""
    suffix: str = ""

    def as_json(self) -> dict[str, Any]:
        """The anchor as a comment keeps it."""
        return asdict(self)


@dataclass(frozen=True)
class Place:
    """Where an anchor is now; `exact` False says that the words there were altered since."""

    start: int
    end: int
    exact: bool


def anchor_at(text: str, start: int, end: int) -> Anchor:
    """The anchor of text[start:end]."""
    return Anchor(
        start,
        end,
        text[start:end],
        text[max(0, start - CONTEXT) : start],
        text[end : end + CONTEXT],
    )


def anchor_from(data: Mapping[str, Any]) -> Anchor | None:
    """The anchor that `as_json` wrote; None for a comment on the whole response."""
    if not data.get("quote"):
        return None
    return Anchor(
        int(data.get("start", 0)),
        int(data.get("end", 0)),
        str(data["quote"]),
        str(data.get("prefix", "")),
        str(data.get("suffix", "")),
    )


def place_of(anchor: Anchor, text: str) -> Place | None:
    """Where the passage is in `text` now, or None when it is gone."""
    exact = list(_occurrences(anchor.quote, text))
    if exact:
        start = max(
            exact, key=lambda at: (_context_fits(anchor, text, at), -abs(at - anchor.start))
        )
        return Place(start, start + len(anchor.quote), exact=True)
    return _altered(anchor, text)


def selected(text: str, *, quote: str, prefix: str = "", suffix: str = "") -> Anchor | None:
    """The anchor of a passage as a person selected it on the page, laid out or as typed."""
    quote = quote.strip()[:LONGEST_QUOTE]
    if not quote:
        return None
    seen, places = _as_seen(text)
    wanted = _as_seen(quote)[0].strip()
    if not wanted:
        return None
    before, after = _as_seen(prefix)[0], _as_seen(suffix)[0]
    found = Anchor(0, 0, wanted, before[-CONTEXT:], after[:CONTEXT])
    starts = list(_occurrences(wanted, seen))
    if not starts:
        return None
    start = max(starts, key=lambda at: _context_fits(found, seen, at))
    return anchor_at(text, places[start], places[start + len(wanted) - 1] + 1)


def segments(text: str, places: Sequence[tuple[int, Place]]) -> list[tuple[str, list[int]]]:
    """The text cut where passages begin and end: (piece, identifiers of the passages that cover it)."""
    cuts = sorted(
        {0, len(text), *(edge for _, place in places for edge in (place.start, place.end))}
    )
    return [
        (text[a:b], [name for name, place in places if place.start <= a and b <= place.end])
        for a, b in pairwise(cuts)
    ]


def _occurrences(quote: str, text: str) -> Iterator[int]:
    at = text.find(quote)
    while at >= 0:
        yield at
        at = text.find(quote, at + 1)


def _context_fits(anchor: Anchor, text: str, at: int) -> int:
    """How many characters of the context stand where they stood, next to the passage."""
    before = text[max(0, at - CONTEXT) : at]
    end = at + len(anchor.quote)
    after = text[end : end + CONTEXT]
    return Prefix.similarity(anchor.prefix[::-1], before[::-1]) + Prefix.similarity(
        anchor.suffix, after
    )


def _altered(anchor: Anchor, text: str) -> Place | None:
    """The stretch of the text most like the passage, when it is like enough to be called the same."""
    if len(anchor.quote) < SHORTEST_INEXACT or not text:
        return None
    between = _between_contexts(anchor, text)
    if between is not None:
        return between
    found = fuzz.partial_ratio_alignment(anchor.quote, text, score_cutoff=ALIKE)
    if found is None or found.dest_end - found.dest_start < len(anchor.quote) // 2:
        return None
    return Place(found.dest_start, found.dest_end, exact=False)


def _between_contexts(anchor: Anchor, text: str) -> Place | None:
    """What now stands between the words that stood before and after the passage, if it is like it."""
    head, tail = anchor.prefix[-24:], anchor.suffix[:24]
    if len(head) < SHORTEST_INEXACT or len(tail) < SHORTEST_INEXACT or text.count(head) != 1:
        return None
    start = text.index(head) + len(head)
    end = text.find(tail, start)
    if end <= start or fuzz.ratio(anchor.quote, text[start:end]) < ALIKE:
        return None
    return Place(start, end, exact=False)


def _as_seen(text: str) -> tuple[str, list[int]]:
    """The text as a laid-out page shows it, and for each of its characters the place in `text`."""
    seen: list[str] = []
    places: list[int] = []
    at = 0
    for unseen in _UNSEEN.finditer(text):
        seen += text[at : unseen.start()]
        places += range(at, unseen.start())
        if unseen.group().strip() != unseen.group() and seen and seen[-1] != " ":
            seen.append(" ")
            places.append(unseen.start())
        at = unseen.end()
    seen += text[at:]
    places += range(at, len(text))
    return "".join(seen), places
