"""Words that mix alphabets: a letter that only looks like another."""

from __future__ import annotations

from collections.abc import Iterator

import regex

from checks.types import Check, Finding, Severity, Subject, Where

_MIXED = regex.compile(
    r"\b(?=\w*\p{Latin})(?=\w*[\p{Cyrillic}\p{Greek}\p{Armenian}\p{Cherokee}])[\p{L}\p{M}]{2,80}\b"
)
# Greek letters in formulas and units beside Latin ones are how science writes.
_SCIENCE = regex.compile(
    r"^(?:[\u03bc\u00b5][A-Za-z]{1,4}|[\u0391-\u03c9][A-Za-z]{1,2}|[A-Za-z]{1,4}[\u0391-\u03c9]{1,2})$"
)
_GREEK = regex.compile(r"\p{Greek}")
_CYRILLIC = regex.compile(r"[\p{Cyrillic}\p{Armenian}\p{Cherokee}]")


class MixedScripts(Check):
    id = "mixed_scripts"
    title = "Mixed alphabets"
    description = (
        "A word with letters of two alphabets (a Cyrillic 'a' in a Latin word): it looks right and "
        "is learnt wrong. Greek letters in units and symbols are let pass."
    )

    def applies(self, subject: Subject) -> bool:
        return any(not m.content.isascii() for _, m in subject.written)

    def __call__(self, subject: Subject) -> Iterator[Finding]:
        for index, message in subject.written:
            for match in _MIXED.finditer(message.content):
                word = match.group()
                if _SCIENCE.match(word) or (
                    _GREEK.search(word)
                    and not _CYRILLIC.search(word)
                    and len(word) <= 12
                    and not _looks_latin(word)
                ):
                    continue
                yield self.find(
                    f"'{word}' mixes letters of two alphabets.",
                    advice="Type the word again.",
                    severity=Severity.WARNING,
                    where=Where("response", index, *match.span(), message.role),
                )


_GREEK_LOOKALIKES = set(
    "\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4"
    "\u03a5\u03a7\u03bf\u03bd"
)


def _looks_latin(word: str) -> bool:
    """Are all its Greek letters ones that look Latin?"""
    greek = [c for c in word if _GREEK.match(c)]
    return bool(greek) and all(c in _GREEK_LOOKALIKES for c in greek)
