"""Is every requirement of the instruction answered, and shown where?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from checks import text as reading
from checks.types import Check, Finding, Severity, Subject, Where

_MET = {"met", "yes", "true", "done", "1"}
_NOT_APPLICABLE = {"not_applicable", "n/a", "na"}


class Coverage(Check):
    id = "coverage"
    title = "Requirements covered"
    severity = Severity.INFO
    description = (
        "Every requirement of the instruction is marked as met, with the passage that meets it; a "
        "false premise is named as such."
    )

    def applies(self, subject: Subject) -> bool:
        return bool(subject.requirements) and subject.coverage is not None and not subject.draft

    def __call__(self, subject: Subject) -> Iterator[Finding]:
        marks = subject.coverage or {}
        for requirement in subject.requirements:
            answer = marks.get(requirement.id)
            state, quote = _read(answer)
            shown = reading.excerpt(requirement.text, 80)
            if state in _NOT_APPLICABLE:
                continue
            if state not in _MET:
                advice = (
                    "Say in the answer what is wrong in the question."
                    if requirement.kind == "false_premise"
                    else "Answer it, or mark it as not applicable."
                )
                yield self.find(
                    f"Not marked as met: '{shown}'.",
                    advice=advice,
                    severity=self.severity,
                    requirement=requirement.id,
                )
            elif quote and not any(quote in m.content for m in subject.messages):
                yield self.find(
                    f"The passage shown for '{shown}' is no longer in the answer.",
                    advice="Mark the passage again.",
                    severity=self.severity,
                    where=Where("response"),
                    requirement=requirement.id,
                )


def _read(answer: object) -> tuple[str, str]:
    """State and quoted passage of one mark, in the shapes that forms and imports send."""
    if isinstance(answer, Mapping):
        state = answer.get("state", answer.get("met", answer.get("status", "")))
        anchor = answer.get("anchor")
        quote = answer.get("quote") or (anchor.get("quote") if isinstance(anchor, Mapping) else "")
        return str(state).lower(), str(quote or "")
    return ("met" if answer is True else str(answer or "").lower()), ""
