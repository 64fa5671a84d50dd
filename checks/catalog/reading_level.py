"""How hard is the answer to read?"""

from __future__ import annotations

import re
from collections.abc import Iterator

from checks import text as reading
from checks.markdown import prose
from checks.types import Check, Finding, Severity, Subject, at

_VOWELS = re.compile(r"[aeiouy]+")
_SILENT = re.compile(r"(?:[^laeiouy]es|[^aeiouytd]ed|[^aeiouyl]e)$")
_LETTERS = re.compile(r"[a-z]+")
_LEAST_WORDS = 50
_MOST_READ = 20_000


def syllables(word: str) -> int:
    """Vowel groups less the silent ending: right for about nine English words in ten."""
    bare = "".join(_LETTERS.findall(word.lower()))
    count = len(_VOWELS.findall(bare))
    return max(1, count - bool(len(bare) > 3 and _SILENT.search(bare)))


def grade(text: str) -> float:
    """School grade by Flesch and Kincaid (1975): 0.39 words/sentence + 11.8 syllables/word
    - 15.59.
    """
    words = [w for w in reading.words(text) if any(c.isalpha() for c in w)]
    count = max(1, len(reading.sentences(text)))
    per_word = sum(map(syllables, words)) / max(1, len(words))
    return 0.39 * len(words) / count + 11.8 * per_word - 15.59


class ReadingLevel(Check):
    id = "reading_level"
    title = "Reading level"
    description = (
        "The school grade by the Flesch-Kincaid formula, for English texts of 50 words or more; a "
        "warning when the format spec sets a highest grade."
    )
    severity = Severity.INFO
    section = "reading_level"

    def applies(self, subject: Subject) -> bool:
        english = (subject.language or "en").lower().startswith("en")
        return bool(subject.response) and subject.is_prose and english

    def __call__(self, subject: Subject) -> Iterator[Finding]:
        text = prose(subject.response)[:_MOST_READ]
        if reading.count_words(text) < _LEAST_WORDS:
            return
        level = round(grade(text), 1)
        highest = subject.section("reading_level").get("max_grade")
        if highest is None or level <= highest:
            return
        asked = subject.section("reading_level").get("severity")
        yield self.find(
            f"This reads at school grade {level}; the highest asked is {highest}.",
            advice="Use shorter sentences and plainer words.",
            severity=Severity(asked) if asked else Severity.WARNING,
            where=at(subject, 0, len(subject.response)),
            grade=level,
        )
