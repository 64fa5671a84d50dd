"""Are two texts the same text? The exact judgement behind the index of sketches.

An index proposes neighbours; here they are compared in full. Rows that only share a template
(the same frame around another content) are told apart from edited copies.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from rapidfuzz import fuzz
from rapidfuzz.distance import Indel

from checks.sketch import Hashes, Sketch, containment, jaccard
from checks.text import compact, fold, fold_quotes

WORD_THRESHOLD = 0.7
CHAR_THRESHOLD = 0.8
# Shorter answers are alike by chance ("Yes.", a name, a number) and are judged with their question.
SHORT_ANSWER = 8.0
COPIED_SHARE = 0.15
COPIED_RUNS = 12
# A frame is a template once this many other texts have it too.
_TEMPLATE_OTHERS = 2
_TEMPLATE_OWN = 0.5
_TYPO_RATIO = 70.0
_RELATED = 0.3
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
    group = [others[i] for i, like in alike if like.score >= _RELATED]
    frequency = _frequency(group)
    kept = [
        (i, like)
        for i, like in close
        if like.score == 1.0 or not shares_template_only(own, others[i], group, frequency)
    ]
    return sorted(kept, key=lambda pair: (-pair[1].score, pair[0]))


def _frequency(group: Sequence[Sketch]) -> Counter[int]:
    """In how many texts of the group each run of three words stands."""
    counted: Counter[int] = Counter()
    if len(group) > _TEMPLATE_OTHERS:
        for member in group:
            counted.update(member.word_shingles.tolist())
    return counted


def shares_template_only(
    one: Sketch, other: Sketch, group: Sequence[Sketch], frequency: Counter[int]
) -> bool:
    """Do the two share no more than runs that several further texts have too?

    True when, in the same place of the common frame, both hold content that most of the further
    texts do not have there. An edited copy has no such place: what was edited in one still
    stands in the others.
    """
    if not frequency or len(one.tokens) + len(other.tokens) > _MOST_DIFFED:
        return False
    limit = 1 + _TEMPLATE_OTHERS
    shared = np.intersect1d(one.word_shingles, other.word_shingles, assume_unique=True)
    everything = np.union1d(one.word_shingles, other.word_shingles)
    own = len(_rare(everything, frequency, limit))
    if not own or len(_rare(shared, frequency, limit)) / own >= _TEMPLATE_OWN:
        return False
    rest = [member for member in group if member is not other]
    return any(_is_slot(block, rest) for block in _slots(one, other))


def _is_slot(block: Block, rest: Sequence[Sketch]) -> bool:
    """Is neither side of a differing place what most of the further texts have there?"""
    return all(
        2 * sum(1 for member in rest if side in member.compacted) < len(rest)
        for side in (block.left_context, block.right_context)
    )


def _rare(shingles: Hashes, frequency: Counter[int], limit: int) -> list[int]:
    return [h for h in shingles.tolist() if frequency[h] < limit]


@dataclass(frozen=True, slots=True)
class Block:
    """Passages in the same place of two texts that differ; the contexts add one word each side."""

    left: str
    right: str
    left_context: str
    right_context: str


def _slots(one: Sketch, other: Sketch) -> list[Block]:
    """Places where the two texts hold different content: replaced words that are no typo."""
    return [
        block
        for block in _replaced(one.tokens, other.tokens)
        if block.left != block.right and not is_typo(block.left, block.right)
    ]


def _replaced(one: Sequence[str], other: Sequence[str]) -> list[Block]:
    """Passages that stand in the same place of two texts and differ."""
    blocks: list[Block] = []
    start = (0, 0)
    steps = [s for s in Indel.opcodes(list(one), list(other)) if s.tag == "equal"]
    ends = [(s.src_start, s.dest_start, s.src_end, s.dest_end) for s in steps]
    for left, right, after_left, after_right in [*ends, (len(one), len(other), 0, 0)]:
        if left > start[0] and right > start[1]:
            blocks.append(_block(one, other, (start[0], left), (start[1], right)))
        start = (after_left, after_right)
    return blocks


def _block(
    one: Sequence[str], other: Sequence[str], left: tuple[int, int], right: tuple[int, int]
) -> Block:
    return Block(
        " ".join(one[left[0] : left[1]]),
        " ".join(other[right[0] : right[1]]),
        compact(one[max(0, left[0] - 1) : left[1] + 1]),
        compact(other[max(0, right[0] - 1) : right[1] + 1]),
    )


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


# Signs that mean something: in code all of them, elsewhere those between numbers.
_CODE_LINE = re.compile(
    r"^[ \t]*(?:def |class |return\b|import |from \w+ import |function |const |let |var |#include|else\b"
    r"|(?:for|if|while|elif)\b.{1,200}[:{][ \t]*$)|[;{}][ \t]*$",
    re.MULTILINE,
)
_LEAST_CODE_LINES = 2
_FENCED = re.compile(r"^```[^\n]*\n(.*?)^```", re.DOTALL | re.MULTILINE)
_OPERATOR = re.compile(r"[=!<>]=|[-+*/%^]=|\*\*|//|&&|\|\||[-+*/%^<>=&|~]")
_BETWEEN_NUMBERS = re.compile(r"(?<=\d)\s*([-+*\u00d7\u00f7^<>=])\s*(?=[\d(])")


def mean_differently(one: str, other: str) -> bool:
    """Do two texts of the same words differ by a sign that carries the meaning: an operator of code, or
    one between two numbers? Signs that were only left out are punctuation."""
    left, right = fold_quotes(fold(one)), fold_quotes(fold(other))
    code = _code_in(left), _code_in(right)
    if all(code):
        return _OPERATOR.findall(code[0]) != _OPERATOR.findall(code[1])
    counted, others = _BETWEEN_NUMBERS.findall(left), _BETWEEN_NUMBERS.findall(right)
    return len(counted) == len(others) and counted != others


def _code_in(folded: str) -> str:
    """The code of a text: its fenced blocks, or all of it where it reads as code."""
    fenced = "\n".join(_FENCED.findall(folded))
    if fenced:
        return fenced
    lines = len(_CODE_LINE.findall(folded))
    return folded if lines >= _LEAST_CODE_LINES else ""


@dataclass(frozen=True, slots=True)
class Copied:
    """A passage shared with another text: share of our runs of eight words, and how many."""

    share: float
    runs: int


def copied(own: Sketch, other: Sketch) -> Copied:
    return Copied(share := containment(own.grams, other.grams), round(share * len(own.grams)))


def is_copied(found: Copied) -> bool:
    return found.share >= COPIED_SHARE and found.runs >= COPIED_RUNS
