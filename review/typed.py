"""What the agent of a run wrote, character for character; a page holds a few steps of it at a time."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from annotation.stepping import LONGEST_SHOWN, Steps
from review.anchors import Place, segments

_BETWEEN = len("\n\n")  # as `Revision.text` joins the words of a run


@dataclass(frozen=True)
class Typed:
    """The words of one step, in pieces with the places of the comments on them."""

    number: int
    pieces: list[tuple[str, list[int]]]
    length: int
    shown: int


def typed_in(
    run: Sequence[Mapping[str, Any]], steps: Steps, places: Sequence[tuple[int, Place]]
) -> list[Typed]:
    """Of the steps that are shown, those in which the agent says something; `places` are those in `Revision.text`."""
    return [
        Typed(number, segments(words, list(_within(places, start, len(words)))), length, len(words))
        for number, start, words, length in _said(run)
        if steps.first <= number <= steps.last and words
    ]


def _said(run: Sequence[Mapping[str, Any]]) -> Iterator[tuple[int, int, str, int]]:
    """Each step of the agent: its number, where its words begin in the text, those shown, and how many there are."""
    start = 0
    for number, step in enumerate(run, 1):
        if step.get("role") == "assistant":
            words = step.get("content") or ""
            yield number, start, words[:LONGEST_SHOWN], len(words)
            start += len(words) + _BETWEEN


def _within(
    places: Sequence[tuple[int, Place]], start: int, length: int
) -> Iterator[tuple[int, Place]]:
    """The places that reach into a part of the text, as places in that part."""
    for name, place in places:
        first, last = max(place.start - start, 0), min(place.end - start, length)
        if first < last:
            yield name, Place(first, last, exact=place.exact)
