"""Does a protected benchmark item stand in this pair?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from checks.types import Check, Finding, Severity, Subject, Where

_PLACES = {
    "system": "the system message",
    "user": "the user turn",
    "tool": "a tool result",
    "assistant": "the response",
}


def _place(where: Where) -> str:
    if where.part == "instruction" and where.role == "assistant":
        return f"an earlier answer{where.inside}"
    return _PLACES.get(where.role or "", f"the {where.part}") + where.inside


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
    version = 3

    def applies(self, subject: Subject) -> bool:
        return bool(subject.protected)

    def __call__(self, subject: Subject) -> Iterator[Finding]:
        seen: set[tuple[str, str, Where]] = set()
        for hit in sorted(subject.protected, key=lambda h: (-h.coverage, h.benchmark, h.item)):
            key = (hit.benchmark, hit.item, replace(hit.where, start=None, end=None))
            if key in seen:
                continue
            seen.add(key)
            yield self.find(
                f"{hit.coverage:.0%} of item {hit.item} of {hit.benchmark} stands"
                f" in {_place(hit.where)}.",
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
