"""Is there anything to learn from?"""

from __future__ import annotations

from collections.abc import Iterator

from checks.types import Check, Finding, Severity, Subject


class Empty(Check):
    id = "empty"
    title = "Empty answer"
    description = "The target has no text, no tool call and no object: nothing could be learnt."
    severity = Severity.ERROR

    def applies(self, subject: Subject) -> bool:
        return subject.has_response

    def __call__(self, subject: Subject) -> Iterator[Finding]:
        if subject.kind == "json" and subject.target.get("object") is not None:
            return
        if not any(m.content.strip() or m.tool_calls for _, m in subject.written):
            yield self.find("There is no answer.", advice="Write the response.")
            return
        for index, message in subject.written:
            if not message.content.strip() and not message.tool_calls:
                yield self.find(
                    f"Turn {index + 1} is empty.",
                    advice="Write this turn, or remove it.",
                    severity=Severity.WARNING,
                )
