"""Is this text, normalised, already known?"""

from __future__ import annotations

from collections.abc import Iterator

from checks.similarity import SHORT_ANSWER
from checks.sketch import sketch
from checks.types import Check, Finding, Neighbour, Severity, Subject, Where


def whole(subject: Subject, part: str) -> tuple[str, Where]:
    """The text of a part as it is indexed, and its place."""
    if part == "instruction":
        text = "\n\n".join([subject.question, *subject.evidence]).strip()
        return text, Where("instruction", None, 0, len(subject.question), "user")
    text = "\n\n".join(m.content for _, m in subject.written if m.content)
    return text, Where("response", subject.response_index, 0, len(subject.response), "assistant")


class Duplicate(Check):
    id = "duplicate"
    title = "Duplicate"
    description = (
        "The same text is already known, after case, spacing, punctuation, accents, invisible "
        "characters and escapes are set aside. A short answer counts only under the same question."
    )

    def applies(self, subject: Subject) -> bool:
        return any(n.exact for n in subject.neighbours)

    def __call__(self, subject: Subject) -> Iterator[Finding]:
        seen: set[str] = set()
        for neighbour in subject.neighbours:
            if neighbour.exact and neighbour.ref not in seen and self._counts(subject, neighbour):
                seen.add(neighbour.ref)
                yield self._finding(subject, neighbour)

    def _counts(self, subject: Subject, neighbour: Neighbour) -> bool:
        if neighbour.part != "response":
            return True
        text, _ = whole(subject, "response")
        if sketch(text).words >= SHORT_ANSWER:
            return True
        refs = {n.ref for n in subject.neighbours if n.part == "instruction" and n.exact}
        return neighbour.ref in refs

    def _finding(self, subject: Subject, neighbour: Neighbour) -> Finding:
        _, where = whole(subject, neighbour.part)
        both = {n.part for n in subject.neighbours if n.exact and n.ref == neighbour.ref}
        name = neighbour.label or neighbour.ref
        if {"instruction", "response"} <= both:
            message, severity = f"Instruction and response equal those of {name}.", Severity.ERROR
        elif neighbour.part == "response":
            message, severity = f"The response equals that of {name}.", Severity.ERROR
        else:
            message, severity = f"The instruction equals that of {name}.", Severity.WARNING
        return self.find(
            message,
            advice="Keep one of the two, or say why both are wanted.",
            severity=severity,
            where=where,
            match={"id": neighbour.ref, "score": 1.0},
            parts=sorted(both),
        )
