"""Is the answer in the asked language?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from checks import text as reading
from checks.markdown import prose
from checks.types import Check, Finding, Subject, at

_LEAST_WORDS = 12
_SURE = 0.9
_READ = 1500
_NOT_PROSE = re.compile(r"`[^`\n]*`|https?://\S+|\$[^$\n]{1,200}\$")
# Languages that a short text is easily taken for, one for the other.
_CLOSE = (
    {"no", "nb", "nn", "da"},
    {"hr", "bs", "sr", "sl"},
    {"id", "ms"},
    {"cs", "sk"},
    {"pt", "gl", "es"},
    {"ur", "hi"},
    {"xh", "zu"},
    {"ru", "uk", "be", "bg"},
    {"nl", "af"},
)


@cache
def _identifier() -> Any:
    from py3langid.langid import (  # slow import: loads a model  # noqa: PLC0415
        MODEL_DIR,
        MODEL_FILE,
        LanguageIdentifier,
    )

    return LanguageIdentifier.from_modelpath(MODEL_DIR / MODEL_FILE, norm_probs=True)


def language_of(text: str) -> tuple[str, float]:
    """The likeliest language (ISO 639-1) and how sure, 0..1."""
    code, probability = _identifier().classify(_NOT_PROSE.sub(" ", text[:_READ]))
    return str(code), float(probability)


class Language(Check):
    id = "language"
    title = "Language"
    description = (
        "The answer is in the language of the task, or in one that the format spec names. Texts of "
        "fewer than 12 words, and code, are not judged."
    )
    section = "language"

    def wanted(self, subject: Subject) -> list[str]:
        codes = subject.section("language").get("codes") or (
            [subject.language] if subject.language else []
        )
        return [str(code).lower().split("-")[0] for code in codes]

    def applies(self, subject: Subject) -> bool:
        return bool(subject.response) and subject.is_prose and bool(self.wanted(subject))

    def __call__(self, subject: Subject) -> Iterator[Finding]:
        wanted = self.wanted(subject)
        text = prose(subject.response)
        if reading.count_words(text[:_READ]) < _LEAST_WORDS:
            return
        code, sure = language_of(text)
        if sure < _SURE or code in wanted:
            return
        if any(code in group and group & set(wanted) for group in _CLOSE):
            return
        yield self.find(
            f"This reads as '{code}'; asked is {reading.listing(wanted)}.",
            advice="Write in the asked language, or correct the language of the task.",
            severity=self.severity_in(subject),
            where=at(subject, 0, len(subject.response)),
            found=code,
            probability=round(sure, 3),
        )
