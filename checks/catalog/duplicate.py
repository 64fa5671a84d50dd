"""Is this text, normalised, already known?"""

from __future__ import annotations

from collections.abc import Iterator

from checks.similarity import SHORT_ANSWER, mean_differently
from checks.sketch import sketch
from checks.types import (
    Check,
    Finding,
    Severity,
    Subject,
    Where,
    question_of,
    response_of,
)


def whole(subject: Subject, part: str) -> tuple[str, Where]:
    """The text of a part as it is indexed, and its place."""
    if part == "instruction":
        length = len(subject.question)
        return question_of(subject), Where("instruction", None, 0, length, "user")
    return response_of(subject), Where(
        "response", subject.response_index, 0, len(subject.response), "assistant"
    )


class Duplicate(Check):
    id = "duplicate"
    title = "Duplicate"
    description = (
        "The same text is already known, after case, spacing, punctuation, accents, invisible "
        "characters and escapes are set aside, but not the operators of code and of sums. A short "
        "answer counts only under the same question."
    )
    version = 2

    def applies(self, subject: Subject) -> bool:
        return any(n.exact for n in subject.neighbours)

    def __call__(self, subject: Subject) -> Iterator[Finding]:
        shown: set[frozenset[str]] = set()
        for ref, parts in duplicates(subject).items():
            if parts not in shown:
                shown.add(parts)
                yield self._finding(subject, ref, parts)

    def _finding(self, subject: Subject, ref: str, parts: frozenset[str]) -> Finding:
        name = next((n.label for n in subject.neighbours if n.ref == ref and n.label), ref)
        what, severity = {
            _BOTH: ("Instruction and response equal those", Severity.ERROR),
            frozenset({"response"}): ("The response equals that", Severity.WARNING),
        }.get(parts, ("The instruction equals that", self._asked_again(subject)))
        _, where = whole(subject, "response" if "response" in parts else "instruction")
        return self.find(
            f"{what} of {name}.",
            advice="Keep one of the two, or say why both are wanted.",
            severity=severity,
            where=where,
            match={"id": ref, "score": 1.0},
            parts=sorted(parts),
        )

    def _asked_again(self, subject: Subject) -> Severity:
        """Several answers to one instruction may be wanted; the same instruction twice is not."""
        return Severity.INFO if subject.response else Severity.WARNING


_BOTH = frozenset({"instruction", "response"})


def duplicates(subject: Subject) -> dict[str, frozenset[str]]:
    """Which known texts are the same, by reference, and in which parts; first known first."""
    equal: dict[str, set[str]] = {}
    for neighbour in subject.neighbours:
        if neighbour.exact and not mean_differently(
            whole(subject, neighbour.part)[0], neighbour.text
        ):
            equal.setdefault(neighbour.ref, set()).add(neighbour.part)
    short = sketch(whole(subject, "response")[0]).words < SHORT_ANSWER
    return {
        ref: frozenset(parts) for ref, parts in equal.items() if "instruction" in parts or not short
    }
