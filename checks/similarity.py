"""Are two texts the same text? The exact judgement behind the index of sketches.

An index proposes neighbours; here they are compared in full. Rows that only share a template
(the same frame around another content) are told apart from edited copies.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from rapidfuzz import fuzz
from rapidfuzz.distance import Indel

from checks.sketch import Hashes, Sketch, containment, jaccard

WORD_THRESHOLD = 0.7
CHAR_THRESHOLD = 0.8
SURE = 0.9
# Shorter answers are alike by chance ("Yes.", a name, a number) and are judged with their question.
SHORT_ANSWER = 8.0
COPIED_SHARE = 0.15
COPIED_RUNS = 12
# A frame is a template once this many other texts have it too.
_TEMPLATE_OTHERS = 2
_TEMPLATE_OWN = 0.5
_TYPO_RATIO = 70.0
_MOST_DIFFED = 3000


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike two texts are. ``score`` is the better of the two Jaccard similarities."""

    words: float
    chars: float

    @property
    def score(self) -> float:
        return max(self.words, self.chars)

    @property
    def is_near(self) -> bool:
        return self.words >= WORD_THRESHOLD or self.chars >= CHAR_THRESHOLD


def likeness(one: Sketch, other: Sketch) -> Likeness:
    """Exact Jaccard similarity over runs of three words and of five (dense scripts: three)
    characters.
    """
    if one.digest == other.digest:
        return Likeness(1.0, 1.0)
    return Likeness(
        jaccard(one.word_shingles, other.word_shingles),
        jaccard(one.char_shingles, other.char_shingles),
    )


def near(own: Sketch, others: Sequence[Sketch]) -> list[tuple[int, Likeness]]:
    """Which of the others are near-copies of ``own``, best first; template-only ones left out."""
    alike = [(i, likeness(own, other)) for i, other in enumerate(others)]
    close = [(i, like) for i, like in alike if like.is_near]
    if not close:
        return []
    frequency = _frequency([others[i] for i, like in alike if like.score >= 0.3])
    kept = [
        (i, like)
        for i, like in close
        if like.score == 1.0 or not shares_template_only(own, others[i], frequency)
    ]
    return sorted(kept, key=lambda pair: (-pair[1].score, pair[0]))


def _frequency(group: Sequence[Sketch]) -> Counter[int]:
    """In how many texts of the group each run of three words stands."""
    counted: Counter[int] = Counter()
    if len(group) > _TEMPLATE_OTHERS:
        for member in group:
            counted.update(member.word_shingles.tolist())
    return counted


def shares_template_only(one: Sketch, other: Sketch, frequency: Counter[int]) -> bool:
    """Do the two share no more than runs that several further texts have too?

    True when, in the same place of the common frame, both hold content of their own that no
    further text has. An edited copy has no such place: what was edited in one still stands
    in the other and its further copies.
    """
    if not frequency or len(one.tokens) + len(other.tokens) > _MOST_DIFFED:
        return False
    shared = np.intersect1d(one.word_shingles, other.word_shingles, assume_unique=True)
    own_shared = _rare(shared, frequency, 1 + _TEMPLATE_OTHERS)
    own_all = len(
        _rare(np.union1d(one.word_shingles, other.word_shingles), frequency, 1 + _TEMPLATE_OTHERS)
    )
    if not own_all or len(own_shared) / own_all >= _TEMPLATE_OWN:
        return False
    return any(True for _ in _slots(one, other))


def _rare(shingles: Hashes, frequency: Counter[int], limit: int) -> list[int]:
    return [h for h in shingles.tolist() if frequency[h] < limit]


def _slots(one: Sketch, other: Sketch) -> list[tuple[str, str]]:
    """Places where the two texts hold different content: replaced words that are no typo."""
    found = []
    for block in _replaced(one.tokens, other.tokens):
        left, right = block
        if left != right and not is_typo(left, right):
            found.append(block)
    return found


def _replaced(one: Sequence[str], other: Sequence[str]) -> list[tuple[str, str]]:
    """Pairs of passages that stand in the same place of two texts and differ."""
    blocks: list[tuple[str, str]] = []
    removed: list[str] = []
    added: list[str] = []
    for step in Indel.opcodes(list(one), list(other)):
        if step.tag == "equal":
            if removed and added:
                blocks.append((" ".join(removed), " ".join(added)))
            removed, added = [], []
        else:
            removed += one[step.src_start : step.src_end]
            added += other[step.dest_start : step.dest_end]
    if removed and added:
        blocks.append((" ".join(removed), " ".join(added)))
    return blocks


def is_typo(left: str, right: str) -> bool:
    """Is one passage the other with letters wrong (and no number changed)?"""
    if any(c.isdigit() for c in left + right):
        return False
    return fuzz.ratio(left, right) >= _TYPO_RATIO


def only_typos(one: Sketch, other: Sketch) -> bool:
    """Do two questions differ by spelling, order or small words alone, not in what they ask?"""
    if len(one.tokens) + len(other.tokens) > _MOST_DIFFED:
        return False
    if sorted(one.tokens) == sorted(other.tokens):
        return True
    return not _slots(one, other)


@dataclass(frozen=True, slots=True)
class Copied:
    """A passage shared with another text: share of our runs of eight words, and how many."""

    share: float
    runs: int


def copied(own: Sketch, other: Sketch) -> Copied:
    return Copied(share := containment(own.grams, other.grams), round(share * len(own.grams)))


def is_copied(found: Copied) -> bool:
    return found.share >= COPIED_SHARE and found.runs >= COPIED_RUNS
