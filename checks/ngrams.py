"""Finding protected items by keyed hashes of their word runs.

An item is known only by hashes: runs of five words' worth, made with a secret key, each with its
position. From the hits of a text against them we can tell how much of an item stands in the
text, in one stretch or with words changed, without ever holding the item.

Runs of five find an item of 13 words even with one word changed in its middle, where runs of
eight find nothing; what keeps chance hits out is the share of the item that must be met close
together, and that runs which many items of one benchmark share (its templates) prove nothing.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from checks import text as reading
from checks.sketch import Rolling, windows

GRAM_VERSION = 1
GRAM_WORDS = 5
LONG_RUN = 13
HOLD_COVERAGE = 0.5
LOOK_COVERAGE = 0.4
SHORT_ITEM = 13
# Half of an item of fewer words than this is a phrase that its kind of task is asked in.
MIDDLE_ITEM = 20
MIDDLE_COVERAGE = 0.6
SHORTEST_ITEM = 8
SHORT_COVERAGE = 0.85
WHOLE = 0.97
# A run met in this many items of one benchmark is its template, not an item.
COMMON_ITEMS = 4
# A run that a text repeats more often than this is looked at only this often.
_REPEATS = 20


@dataclass(frozen=True, slots=True)
class Gram:
    """A run of words: its keyed hash (signed 64 bits) and token range."""

    h: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Posting:
    """Where a run stands in a protected item."""

    h: int
    item: int
    position: int
    common: bool = False


@dataclass(frozen=True, slots=True)
class Item:
    """What is kept of a protected item beside its runs. Lengths in words' worth; ``own`` are the
    words outside the runs that it shares with many items of its benchmark.
    """

    id: int
    benchmark: str
    name: str
    tokens: int
    words: float
    own: float


@dataclass(frozen=True, slots=True)
class Match:
    """An item met in a text: share of its words, share of its own words, longest run, and the
    token range in the text.
    """

    item: Item
    coverage: float
    own_coverage: float
    longest: float
    start: int
    end: int
    whole: bool


class Hasher:
    """Keyed hashes of words and runs; two keys give unrelated hashes."""

    def __init__(self, key: bytes) -> None:
        if len(key) < 16:
            raise ValueError("The fingerprint key must have 16 bytes or more.")
        self._key = hashlib.blake2b(key, person=b"firsthand-gram01").digest()
        self._word = lru_cache(maxsize=1 << 16)(self._hash_word)

    def _hash_word(self, token: str) -> int:
        data = token.encode("utf-8", "replace")
        return int.from_bytes(hashlib.blake2b(data, digest_size=8, key=self._key).digest(), "big")

    def whole(self, tokens: Sequence[str]) -> int:
        """The hash of a complete text (signed 64 bits)."""
        data = " ".join(tokens).encode("utf-8", "replace")
        raw = hashlib.blake2b(data, digest_size=8, key=self._key, person=b"whole").digest()
        return int.from_bytes(raw, "big", signed=True)

    def grams(self, tokens: Sequence[str]) -> list[Gram]:
        """All runs of five words' worth, in order; none in a shorter text."""
        if not tokens:
            return []
        values = np.fromiter(map(self._word, tokens), dtype=np.uint64, count=len(tokens))
        starts, ends = windows(_weights(tokens), GRAM_WORDS)
        if not len(starts):
            return []
        hashes = Rolling(values).ranges(starts, ends).view(np.int64)
        return [Gram(int(h), int(s), int(e)) for h, s, e in zip(hashes, starts, ends, strict=True)]


def _weights(tokens: Sequence[str]) -> NDArray[np.float64]:
    return np.fromiter(map(reading.weight, tokens), dtype=np.float64, count=len(tokens))


@dataclass(frozen=True, slots=True)
class _Hit:
    text_start: int
    item_start: int
    length: int
    common: bool


def own_words(tokens: Sequence[str], grams: Sequence[Gram], common: set[int]) -> float:
    """Words' worth of an item outside the runs that are common in its benchmark."""
    weights = _weights(tokens)
    for gram in grams:
        if gram.h in common:
            weights[gram.start : gram.end] = 0.0
    return float(weights.sum())


def matches(
    tokens: Sequence[str],
    grams: Sequence[Gram],
    postings: Iterable[Posting],
    items: Mapping[int, Item],
) -> list[Match]:
    """Judge the postings that a text's runs met; the strongest match of each item, best first."""
    by_hash: dict[int, list[Gram]] = defaultdict(list)
    for gram in grams:
        if len(by_hash[gram.h]) < _REPEATS:
            by_hash[gram.h].append(gram)
    hits: dict[int, list[_Hit]] = defaultdict(list)
    for p in postings:
        for gram in by_hash.get(p.h, ()):
            hits[p.item].append(_Hit(gram.start, p.position, gram.end - gram.start, p.common))
    weights = _weights(tokens)
    found = (
        _best(items[item], sorted(own, key=lambda h: (h.text_start, h.item_start)), weights)
        for item, own in hits.items()
        if item in items
    )
    return sorted((m for m in found if m), key=lambda m: (-m.coverage, m.item.id))


def _best(item: Item, hits: list[_Hit], weights: NDArray[np.float64]) -> Match | None:
    """The window of the text, twice the item long, that covers most of the item."""
    if all(hit.common for hit in hits):
        return None
    width = 2 * item.tokens + 10
    best: Match | None = None
    longest = _longest_run(hits, weights)
    whole = longest >= item.words - 0.01
    low = 0
    covered = _Cover(item, weights)
    for hit in hits:
        covered.add(hit)
        while hit.text_start - hits[low].text_start > width:
            covered.remove(hits[low])
            low += 1
        if covered.rare and covered.share > (best.coverage if best else 0.0):
            end = hit.text_start + hit.length
            start = hits[low].text_start
            best = Match(item, covered.share, covered.own_share, longest, start, end, whole)
    return best


class _Cover:
    """Which words of an item the hits in the window cover."""

    def __init__(self, item: Item, weights: NDArray[np.float64]) -> None:
        self._item = item
        self._weights = weights
        self._counts = np.zeros(item.tokens, dtype=np.int64)
        self._shared = np.zeros(item.tokens, dtype=np.int64)
        self._heavy = np.zeros(item.tokens)
        self.rare = 0

    @property
    def share(self) -> float:
        covered = float(self._heavy[self._counts > 0].sum())
        return min(1.0, covered / self._item.words)

    @property
    def own_share(self) -> float:
        """Of the words that are the item's own, how many are met."""
        own = float(self._heavy[(self._counts > 0) & (self._shared == 0)].sum())
        return min(1.0, own / self._item.own) if self._item.own else 0.0

    def add(self, hit: _Hit) -> None:
        place = slice(hit.item_start, hit.item_start + hit.length)
        size = len(self._heavy[place])
        self._heavy[place] = self._weights[hit.text_start : hit.text_start + size]
        self._change(hit, place, 1)

    def remove(self, hit: _Hit) -> None:
        self._change(hit, slice(hit.item_start, hit.item_start + hit.length), -1)

    def _change(self, hit: _Hit, place: slice, by: int) -> None:
        self._counts[place] += by
        if hit.common:
            self._shared[place] += by
        else:
            self.rare += by


def _longest_run(hits: list[_Hit], weights: NDArray[np.float64]) -> float:
    """The longest stretch of the text, in words' worth, that stands in the item unbroken."""
    reach: dict[tuple[int, int], int] = {}
    longest = 0.0
    for hit in hits:
        begin = reach.pop((hit.text_start - 1, hit.item_start - 1), hit.text_start)
        reach[hit.text_start, hit.item_start] = begin
        run = float(weights[begin : hit.text_start + hit.length].sum())
        longest = max(longest, run)
    return longest


def is_contaminated(match: Match) -> bool:
    """Is enough of the item there to hold the row back?

    Long items: half of their words close together, three fifths of items of under 20 words. Items
    that are short, or short once their benchmark's template is set aside, are made of everyday
    runs: nearly all must be there.
    """
    item = match.item
    if match.whole:
        return True
    if item.words < SHORTEST_ITEM:
        return False
    if item.words < SHORT_ITEM:
        return item.own >= item.words - 0.01 and match.coverage >= SHORT_COVERAGE
    if item.own < SHORT_ITEM:
        return match.coverage >= WHOLE
    least = MIDDLE_COVERAGE if item.words < MIDDLE_ITEM else HOLD_COVERAGE
    return match.coverage >= least and match.own_coverage >= HOLD_COVERAGE


def is_worth_a_look(match: Match) -> bool:
    """Less than half of a long item, but a literal run of it that is hardly chance."""
    if match.item.own < SHORT_ITEM:
        return False
    if match.longest >= LONG_RUN:
        return True
    is_long = match.item.words >= 2 * LONG_RUN
    return is_long and match.coverage >= LOOK_COVERAGE and match.longest >= SHORTEST_ITEM
