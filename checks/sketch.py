"""Near-duplicate sketches: exact digests, shingles, MinHash bands and exact similarity.

Our own and small, because bands are stored: a library that changes its hash between releases
would silently stop finding what is already indexed. Raise ``SKETCH_VERSION`` when any constant
here changes; it is mixed into every band, so old and new sketches never meet by accident.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
import regex
from numpy.typing import NDArray
from xxhash import xxh3_64_intdigest

from checks import text as reading

SKETCH_VERSION = 1
SLOTS = 125
BANDS = 25
ROWS = SLOTS // BANDS

Hashes = NDArray[np.uint64]

_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15 | 1)
_GOLDEN = 0x9E3779B97F4A7C15
_MASK = (1 << 64) - 1


def _splitmix(seed: int, count: int) -> list[int]:
    """Fixed pseudo-random 64-bit constants (the splitmix64 sequence)."""
    out = []
    for _ in range(count):
        seed = (seed + _GOLDEN) & _MASK
        z = seed
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
        out.append(z ^ (z >> 31))
    return out


_TOP = np.uint64(32)
_A = (np.array(_splitmix(1, SLOTS), dtype=np.uint64) >> _TOP).astype(np.uint32)[
    :, None
] | np.uint32(1)
_B = (np.array(_splitmix(2, SLOTS), dtype=np.uint64) >> _TOP).astype(np.uint32)[:, None]
_ROW_SALTS = np.array(_splitmix(3, ROWS), dtype=np.uint64) | np.uint64(1)


def mix(values: Hashes) -> Hashes:
    """Spread 64-bit values evenly (the splitmix64 finaliser)."""
    z = values
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(z ^ (z >> np.uint64(31)), dtype=np.uint64)


class Rolling:
    """Hashes of any range of a sequence of 64-bit values, after one pass over it.

    A polynomial in an odd base modulo 2**64; the base has an inverse, so the hash of a range is
    a difference of two prefix sums times a power of that inverse.
    """

    _inverse = pow(int(_MULTIPLIER), -1, 1 << 64)

    def __init__(self, values: Hashes) -> None:
        n = len(values)
        base = np.full(n + 1, _MULTIPLIER, dtype=np.uint64)
        back = np.full(n + 1, np.uint64(self._inverse), dtype=np.uint64)
        base[0] = back[0] = 1
        self._back = np.multiply.accumulate(back)
        sums = np.zeros(n + 1, dtype=np.uint64)
        np.add.accumulate(values * np.multiply.accumulate(base)[:n], out=sums[1:])
        self._sums = sums

    def ranges(self, starts: NDArray[np.int64], ends: NDArray[np.int64]) -> Hashes:
        return mix((self._sums[ends] - self._sums[starts]) * self._back[starts])


@lru_cache(maxsize=1 << 17)
def token_hash(token: str) -> int:
    return xxh3_64_intdigest(token.encode("utf-8", "replace"))


def windows(
    weights: NDArray[np.float64], size: float
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Start and end of every run of tokens that weighs at least ``size``, one per start."""
    total = np.concatenate(([0.0], np.cumsum(weights)))
    ends = np.searchsorted(total, total[:-1] + size - 1e-6, side="left")
    starts = np.flatnonzero(ends < len(total))
    return starts.astype(np.int64), ends[starts].astype(np.int64)


def word_shingles(tokens: Sequence[str], size: float = 3) -> Hashes:
    """Hashes of every run of ``size`` words (a whole shorter text is one run)."""
    if not tokens:
        return np.empty(0, dtype=np.uint64)
    values = np.fromiter(map(token_hash, tokens), dtype=np.uint64, count=len(tokens))
    weights = np.fromiter(map(reading.weight, tokens), dtype=np.float64, count=len(tokens))
    starts, ends = windows(weights, size)
    if not len(starts):
        starts, ends = np.array([0]), np.array([len(tokens)])
    return np.unique(Rolling(values).ranges(starts, ends))


def char_shingles(compacted: str, size: int) -> Hashes:
    """Hashes of every run of ``size`` code points (a whole shorter text is one run)."""
    if not compacted:
        return np.empty(0, dtype=np.uint64)
    points = np.frombuffer(compacted.encode("utf-32-le", "replace"), dtype=np.uint32)
    values = mix(points.astype(np.uint64) + np.uint64(_GOLDEN))
    starts = np.arange(max(1, len(values) - size + 1), dtype=np.int64)
    ends = np.minimum(starts + size, len(values))
    return np.unique(Rolling(values).ranges(starts, ends))


def jaccard(one: Hashes, other: Hashes) -> float:
    """Shared shingles over all shingles; both arrays hold each hash once."""
    if not len(one) or not len(other):
        return 0.0
    shared = len(np.intersect1d(one, other, assume_unique=True))
    return shared / (len(one) + len(other) - shared)


def containment(one: Hashes, other: Hashes) -> float:
    """The share of the first set that stands in the second too."""
    if not len(one):
        return 0.0
    return len(np.intersect1d(one, other, assume_unique=True)) / len(one)


_CHUNK = 512
_MOST_SHINGLES = 1 << 15


def minhash(shingles: Hashes) -> NDArray[np.uint32]:
    """125 minima of multiply-add hashes in 32 bits, which vector units do fast.

    Huge texts are sampled by smallest hash, which keeps the similarity of two texts.
    """
    if len(shingles) > _MOST_SHINGLES:
        shingles = np.sort(mix(shingles))[:_MOST_SHINGLES]
    upper = (shingles >> _TOP).astype(np.uint32)
    lowest = np.full(SLOTS, 0xFFFFFFFF, dtype=np.uint32)
    for i in range(0, len(upper), _CHUNK):
        hashed = _A * upper[None, i : i + _CHUNK] + _B
        np.minimum(lowest, hashed.min(axis=1), out=lowest)
    return lowest


@dataclass(frozen=True)
class Family:
    """A shingle kind with its own bands. Char runs of nine keep long unrelated texts apart
    (their runs of five often meet by chance), runs of five find short texts with one edit.
    """

    name: str
    size: int
    shortest: int
    longest: int

    @property
    def salt(self) -> int:
        return xxh3_64_intdigest(f"{SKETCH_VERSION}:{self.name}".encode()) & _MASK


# Lengths in code points of the compacted text. Neighbouring families overlap, so that a text and
# its edited copy on the two sides of a limit share a family.
_SPACED = (Family("c5", 5, 1, 420), Family("c9", 9, 300, 1 << 62))
_DENSE = (Family("d3", 3, 1, 160), Family("d5", 5, 110, 1 << 62))


@dataclass(frozen=True)
class Sketch:
    """A text prepared for comparison: folded tokens and what is derived from them."""

    tokens: tuple[str, ...]

    @cached_property
    def compacted(self) -> str:
        return reading.compact(self.tokens)

    @cached_property
    def is_dense(self) -> bool:
        """Mostly ideographs, where few characters carry much."""
        light = sum(1 for t in self.tokens if reading.weight(t) == reading.IDEOGRAPH_WEIGHT)
        return light * 2 > len(self.tokens)

    @cached_property
    def words(self) -> float:
        """Length in words' worth."""
        return float(sum(map(reading.weight, self.tokens)))

    @cached_property
    def word_shingles(self) -> Hashes:
        return word_shingles(self.tokens)

    @cached_property
    def char_shingles(self) -> Hashes:
        return char_shingles(self.compacted, 3 if self.is_dense else 5)

    @cached_property
    def grams(self) -> Hashes:
        """8-word runs, for containment."""
        return word_shingles(self.tokens, 8)

    @cached_property
    def digest(self) -> bytes:
        return hashlib.sha256(self.compacted.encode("utf-8", "replace")).digest()

    @cached_property
    def bands(self) -> tuple[int, ...]:
        """25 signed 64-bit band hashes for each family that the length belongs to."""
        length = len(self.compacted)
        families = _DENSE if self.is_dense else _SPACED
        return tuple(
            band
            for family in families
            if family.shortest <= length <= family.longest
            for band in _bands(char_shingles(self.compacted, family.size), family.salt)
        )

    @cached_property
    def winnowed(self) -> tuple[int, ...]:
        """A sample of the 8-word runs that keeps one of any 16 in a row (winnowing): two texts
        that share 23 words in a row share at least one of them.
        """
        return winnow(self.tokens)


def _bands(shingles: Hashes, salt: int) -> list[int]:
    table = minhash(shingles).astype(np.uint64).reshape(BANDS, ROWS)
    salts = np.array([(salt + band * _GOLDEN) & _MASK for band in range(BANDS)], dtype=np.uint64)
    mixed = mix((table * _ROW_SALTS).sum(axis=1, dtype=np.uint64) ^ salts)
    return [int(value) for value in mixed.view(np.int64)]


_WINNOW = 16


def winnow(tokens: Sequence[str], size: float = 8) -> tuple[int, ...]:
    """Signed 64-bit hashes of the sampled runs, sorted and unique."""
    if not tokens:
        return ()
    values = np.fromiter(map(token_hash, tokens), dtype=np.uint64, count=len(tokens))
    weights = np.fromiter(map(reading.weight, tokens), dtype=np.float64, count=len(tokens))
    starts, ends = windows(weights, size)
    if not len(starts):
        return ()
    hashes = Rolling(values).ranges(starts, ends)
    if len(hashes) > _WINNOW:
        hashes = np.lib.stride_tricks.sliding_window_view(hashes, _WINNOW).min(axis=1)
    else:
        hashes = hashes.min(keepdims=True)
    return tuple(int(value) for value in np.unique(hashes.view(np.int64)))


# What people wrap a prompt or an answer in. Stripped before comparing, so that a wrapped copy
# equals the bare one and two questions in one wrapper do not look alike.
_LABELS = "instruction|input|response|question|answer|user|assistant|human|prompt|completion|output|context"
_WRAPPERS = (
    # Whatever introduces the labels of a prompt template, misspelt or not.
    regex.compile(r"\A.{0,400}?(?=#{2,6}\s*Instruction\s*:)", regex.IGNORECASE | regex.DOTALL),
    regex.compile(rf"#{{2,6}}\s*(?:{_LABELS})\s*:", regex.IGNORECASE),
    regex.compile(
        r"<\|[a-z_]{2,20}\|>(?:\s*(?:system|user|assistant)\s)?|</?s>|\[/?INST\]|<</?SYS>>"
    ),
    regex.compile(rf"\A\s*\**(?:{_LABELS}|q|a)\**\s*:\**", regex.IGNORECASE),
)


def strip_wrappers(text: str) -> str:
    """The text without chat markers, role labels and the best-known prompt wrapper."""
    bare = text
    for pattern in _WRAPPERS:
        bare = pattern.sub("", bare)
    return bare if bare.strip() else text


@lru_cache(maxsize=512)
def sketch(text: str) -> Sketch:
    """Prepare a text for comparison.

    Texts of fewer than five words keep their signs: ``a + b`` and ``a - b`` are not the same.
    """
    bare = strip_wrappers(text)
    tokens = tuple(reading.tokens(bare))
    return Sketch(tokens if len(tokens) >= 5 else tuple(reading.fold(bare).split()))
