"""Words and patterns that the project does not want to read."""

from __future__ import annotations

from collections.abc import Iterator

import regex

from checks.format_spec import REGEX_SECONDS
from checks.types import Check, Finding, Subject, Where


class Phrases(Check):
    id = "phrases"
    title = "Banned phrases"
    description = "Phrases (whole words, any case) and patterns that the format spec bans."
    section = "phrases"

    def applies(self, subject: Subject) -> bool:
        rules = subject.section("phrases")
        return bool(subject.response and (rules.get("banned") or rules.get("patterns")))

    def __call__(self, subject: Subject) -> Iterator[Finding]:
        rules = subject.section("phrases")
        named = [
            (str(p), rf"(?<!\w){regex.escape(str(p))}(?!\w)")
            for p in rules.get("banned", ())
            if str(p).strip()
        ]
        named += [(str(p), str(p)) for p in rules.get("patterns", ())]
        for index, message in subject.written:
            for name, pattern in named:
                yield from self._search(subject, index, message.content, name, pattern)

    def _search(
        self, subject: Subject, index: int, text: str, name: str, pattern: str
    ) -> Iterator[Finding]:
        try:
            for match in regex.finditer(
                pattern, text, flags=regex.IGNORECASE, timeout=REGEX_SECONDS
            ):
                yield self.find(
                    f"'{match.group()[:60]}' is not wanted here.",
                    advice="Say it in other words.",
                    severity=self.severity_in(subject),
                    where=Where("response", index, *match.span(), "assistant"),
                    rule=name,
                )
        except (TimeoutError, regex.error):
            yield self.find(
                f"The pattern '{name[:60]}' of the format spec could not be used in time.",
                advice="Ask the project lead to simplify it.",
                rule=name,
            )
