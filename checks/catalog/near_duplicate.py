"""Is this text an edited copy of a known one?"""

from __future__ import annotations

from collections.abc import Iterator

from checks import similarity
from checks.catalog.duplicate import duplicates, whole
from checks.similarity import CHAR_THRESHOLD, SHORT_ANSWER, Likeness
from checks.sketch import Sketch, sketch
from checks.types import Check, Finding, Neighbour, Severity, Subject

# The likest few tell what happened; a cluster is looked at on the page of duplicates.
_MOST_SHOWN = 3
# What differs by order, repetition or signs alone is alike, not equal.
_MOST_ALIKE = 0.99


class NearDuplicate(Check):
    id = "near_duplicate"
    title = "Near-duplicate"
    description = (
        "A known text shares at least 70 % of its runs of three words or 80 % of its runs of five "
        "characters (exact Jaccard similarity). Rows that only share a template do not count; nor "
        "do questions that ask for something else in the same words, where the answers differ."
    )
    version = 2

    def applies(self, subject: Subject) -> bool:
        return bool(subject.neighbours)

    def __call__(self, subject: Subject) -> Iterator[Finding]:
        reported = set(duplicates(subject))
        response = sketch(whole(subject, "response")[0])
        question = sketch(whole(subject, "instruction")[0])
        for part, own in (("response", response), ("instruction", question)):
            pool = [n for n in subject.neighbours if n.part == part and n.ref not in reported]
            others = [sketch(n.text) for n in pool]
            found = [
                (pool[i], like)
                for i, like in similarity.near(own, others)
                if _counts(subject, pool[i], own, others[i], response)
            ]
            reported |= {neighbour.ref for neighbour, _ in found}
            for neighbour, like in found[:_MOST_SHOWN]:
                yield self._finding(subject, neighbour, like)

    def _finding(self, subject: Subject, neighbour: Neighbour, like: Likeness) -> Finding:
        own_part = "response" if neighbour.part == "response" else "instruction"
        weak = neighbour.part == "instruction" and bool(subject.response)
        uncertain = weak or like.score < CHAR_THRESHOLD
        severity = Severity.INFO if uncertain else Severity.WARNING
        _, where = whole(subject, own_part)
        score = min(like.score, _MOST_ALIKE)
        return self.find(
            f"The {own_part} is {score:.0%} the same as that of "
            f"{neighbour.label or neighbour.ref}.",
            advice="Look at the two side by side; keep one, or say why both are wanted.",
            severity=severity,
            where=where,
            match={"id": neighbour.ref, "score": round(score, 3)},
            words=round(like.words, 3),
            characters=round(like.chars, 3),
        )


def _counts(
    subject: Subject, neighbour: Neighbour, own: Sketch, other: Sketch, response: Sketch
) -> bool:
    """Short answers need like questions; like questions need like answers or mere typos."""
    partner = _partner(subject, neighbour)
    if neighbour.part == "response":
        if own.words >= SHORT_ANSWER:
            return True
        return (
            partner is not None
            and similarity.likeness(sketch(whole(subject, "instruction")[0]), partner).is_near
        )
    if partner is None or not response.tokens:
        return True
    return similarity.likeness(response, partner).is_near or similarity.only_typos(own, other)


def _partner(subject: Subject, neighbour: Neighbour) -> Sketch | None:
    """The other half of the neighbour's pair, where it is known."""
    for other in subject.neighbours:
        if other.ref == neighbour.ref and other.part != neighbour.part:
            return sketch(other.text)
    return None
