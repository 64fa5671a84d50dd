"""Does a protected benchmark item stand in this pair?"""

from __future__ import annotations

from collections.abc import Iterator

from checks.types import Check, Finding, Severity, Subject

_PLACES = {
    "system": "the system message",
    "user": "the user turn",
    "tool": "a tool result",
    "assistant": "the response",
}


class Contamination(Check):
    id = "contamination"
    title = "Contamination"
    description = (
        "Half or more of a protected benchmark item (three fifths of one under 20 words) stands in "
        "the instruction, a tool result, the evidence or the response (error), or a literal run of "
        "13 words of it (warning). Items of fewer than 13 words must stand there whole. Works on "
        "keyed hashes of word runs; a rephrased or translated item is not found."
    )
    severity = Severity.ERROR
    version = 2

    def applies(self, subject: Subject) -> bool:
        return bool(subject.protected)

    def __call__(self, subject: Subject) -> Iterator[Finding]:
        seen: set[tuple[str, str, str, int | None]] = set()
        for hit in sorted(subject.protected, key=lambda h: (-h.coverage, h.benchmark, h.item)):
            key = (hit.benchmark, hit.item, hit.where.part, hit.where.message)
            if key in seen:
                continue
            seen.add(key)
            place = _PLACES.get(hit.where.role or "", f"the {hit.where.part}")
            yield self.find(
                f"{hit.coverage:.0%} of item {hit.item} of {hit.benchmark} stands in {place}.",
                advice="Take the passage out. If it is a common quotation, ask for a waiver.",
                severity=Severity.ERROR if hit.held else Severity.WARNING,
                where=hit.where,
                match={
                    "benchmark": hit.benchmark,
                    "item": hit.item,
                    "score": round(hit.coverage, 3),
                },
                longest=hit.longest,
                words=hit.words,
            )
