"""Does the answer say the question back?"""

from __future__ import annotations

from collections.abc import Iterator

from checks.sketch import Sketch, containment
from checks.text import tokens
from checks.types import Check, Finding, Severity, Subject, at

_SHARE = 0.5
_RUNS = 8


class InstructionEcho(Check):
    id = "instruction_echo"
    title = "Echo of the instruction"
    description = (
        "Half or more of the answer's runs of eight words stand in the instruction: it repeats what "
        "was asked. Not for tasks that ask for the text back (rewrite, correct, translate)."
    )
    severity = Severity.WARNING

    def applies(self, subject: Subject) -> bool:
        return bool(subject.response and subject.question) and subject.is_prose

    def __call__(self, subject: Subject) -> Iterator[Finding]:
        own = Sketch(tuple(tokens(subject.response))).grams
        asked = Sketch(tuple(tokens(subject.question))).grams
        share = containment(own, asked)
        if share >= _SHARE and share * len(own) >= _RUNS:
            yield self.find(
                f"{share:.0%} of the answer repeats the instruction.",
                advice="Answer in your own words; if the task is to return the text, say so.",
                where=at(subject, 0, len(subject.response)),
                share=round(share, 3),
            )
