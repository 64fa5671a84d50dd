"""Is the answer copied out of the evidence?"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from checks.sketch import Sketch
from checks.text import tokens
from checks.types import Check, Finding, Severity, Subject, at

_SHARE = 0.4
_RUNS = 12
_ALL = 0.8


class EvidenceCopy(Check):
    id = "evidence_copy"
    title = "Copy of the evidence"
    description = (
        "40 % or more of the answer's runs of eight words (and no fewer than 12) stand in the given "
        "evidence; a warning from 80 %, where it is copied rather than written."
    )

    def applies(self, subject: Subject) -> bool:
        return bool(subject.response and subject.evidence) and subject.is_prose

    def __call__(self, subject: Subject) -> Iterator[Finding]:
        own = Sketch(tuple(tokens(subject.response))).grams
        if not len(own):
            return
        given = [Sketch(tuple(tokens(text))).grams for text in subject.evidence]
        known = np.unique(np.concatenate(given))
        runs = len(np.intersect1d(own, known, assume_unique=True))
        share = runs / len(own)
        if share >= _SHARE and runs >= _RUNS:
            yield self.find(
                f"{share:.0%} of the answer is copied from the evidence.",
                severity=Severity.WARNING if share >= _ALL else Severity.INFO,
                advice="Write it in your own words and quote only what must be exact.",
                where=at(subject, 0, len(subject.response)),
                share=round(share, 3),
            )
