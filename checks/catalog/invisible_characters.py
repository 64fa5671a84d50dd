"""Characters that nobody sees and every tokenizer does."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

import regex

from checks.types import Check, Finding, Severity, Subject, Where

_INVISIBLE = regex.compile(
    r"[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    r"\u3164\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e007f]+|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]+"
    r"|\ufffd+|\p{Co}+|[\ud800-\udfff]+"
)
# Joiners belong inside emoji and in scripts that shape by them.
_JOINED = regex.compile(
    r"[\p{Extended_Pictographic}\p{Emoji_Modifier}\ufe0f\p{Arabic}\p{Devanagari}\p{Bengali}"
    r"\p{Gujarati}\p{Gurmukhi}\p{Tamil}\p{Telugu}\p{Kannada}\p{Malayalam}\p{Sinhala}\p{Khmer}"
    r"\p{Myanmar}\p{Mongolian}\p{Tifinagh}]$"
)
_MARKS = regex.compile(r"[\p{Hebrew}\p{Arabic}\p{Syriac}\p{Thaana}]")


class InvisibleCharacters(Check):
    id = "invisible_characters"
    title = "Invisible characters"
    description = (
        "Zero-width and control characters, direction overrides, replacement characters (U+FFFD) "
        "and private ones. Joiners in emoji and in scripts that need them are let pass."
    )

    def applies(self, subject: Subject) -> bool:
        return any(m.content for _, m in subject.written)

    def __call__(self, subject: Subject) -> Iterator[Finding]:
        for index, message in subject.written:
            text = message.content
            for match in _INVISIBLE.finditer(text):
                if _belongs(text, *match.span()):
                    continue
                names = sorted(
                    {
                        f"U+{ord(c):04X} {unicodedata.name(c, '')}".strip()
                        for c in match.group()[:20]
                    }
                )
                yield self.find(
                    f"Invisible or broken here: {', '.join(names[:3])}.",
                    advice="Delete it and type the passage again.",
                    severity=Severity.WARNING,
                    where=Where("response", index, *match.span(), message.role),
                    replacement="",
                )


def _belongs(text: str, start: int, end: int) -> bool:
    mark = text[start:end]
    if mark in {"\u200c", "\u200d"}:
        return bool(_JOINED.search(text[max(0, start - 1) : start]))
    if set(mark) <= {"\u200e", "\u200f", "\u061c"}:
        return bool(_MARKS.search(text[max(0, start - 40) : end + 40]))
    if set(mark) <= set(map(chr, range(0xE0020, 0xE0080))):
        return text[start - 1 : start] == "\U0001f3f4"
    return False
