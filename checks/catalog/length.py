"""Is the answer as long as the project wants it?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from checks import text as reading
from checks.types import Check, Finding, Subject, at

_MEASURES: tuple[tuple[str, Callable[[str], int]], ...] = (
    ("words", reading.count_words),
    ("tokens", reading.estimate_tokens),
    ("sentences", lambda text: len(reading.sentences(text))),
    ("paragraphs", lambda text: len(reading.paragraphs(text))),
)


class Length(Check):
    id = "length"
    title = "Length"
    description = (
        "Words, estimated tokens, sentences and paragraphs against the limits of the format spec. "
        "Tokens are an estimate without a vocabulary; the release preview counts them exactly."
    )
    section = "length"

    def applies(self, subject: Subject) -> bool:
        return bool(subject.response) and subject.is_prose

    def __call__(self, subject: Subject) -> Iterator[Finding]:
        limits = subject.section("length")
        for name, measure in _MEASURES:
            wanted = limits.get(name)
            if isinstance(wanted, Mapping) and wanted:
                yield from self._compare(subject, name, measure(subject.response), wanted)

    def _compare(
        self, subject: Subject, name: str, count: int, wanted: Mapping[str, int]
    ) -> Iterator[Finding]:
        low, high = wanted.get("min", 0), wanted.get("max")
        shown = f"about {count} tokens" if name == "tokens" else f"{count} {name}"
        where = at(subject, 0, len(subject.response))
        severity = self.severity_in(subject)
        if count < low:
            yield self.find(
                f"{shown}, the least is {low}.",
                advice="Say what is missing, or tell the project lead that the limit is wrong here.",
                severity=severity,
                where=where,
                measure=name,
                count=count,
                minimum=low,
            )
        elif high is not None and count > high:
            yield self.find(
                f"{shown}, the limit is {high}.",
                advice="Cut what the reader does not need.",
                severity=severity,
                where=where,
                measure=name,
                count=count,
                maximum=high,
            )
