"""Is a passage copied out of another text?"""

from __future__ import annotations

from collections.abc import Iterator

from checks.catalog.duplicate import whole
from checks.similarity import Copied, copied, is_copied, likeness
from checks.sketch import sketch
from checks.types import Check, Finding, Severity, Subject


class CopiedBlock(Check):
    id = "copied_block"
    title = "Copied passage"
    description = (
        "At least 15 % of the answer's runs of eight words (and no fewer than 12 runs) stand in "
        "one other known answer, or that answer stands in this one: a copied, cut or padded text."
    )

    def applies(self, subject: Subject) -> bool:
        return any(n.part == "response" and not n.exact for n in subject.neighbours)

    def __call__(self, subject: Subject) -> Iterator[Finding]:
        text, where = whole(subject, "response")
        own = sketch(text)
        for neighbour in subject.neighbours:
            if neighbour.part != "response" or neighbour.exact:
                continue
            other = sketch(neighbour.text)
            found = max(copied(own, other), copied(other, own), key=_share)
            if is_copied(found) and not likeness(own, other).is_near:
                yield self.find(
                    f"{found.share:.0%} of the text is the same as in "
                    f"{neighbour.label or neighbour.ref}.",
                    advice="Write the passage anew, or mark it as a quotation with its source.",
                    severity=Severity.WARNING,
                    where=where,
                    match={"id": neighbour.ref, "score": round(found.share, 3)},
                    runs=found.runs,
                )


def _share(found: Copied) -> float:
    return found.share
