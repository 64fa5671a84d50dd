"""Does the answer say the same thing twice?"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator

from checks import text as reading
from checks.markdown import prose
from checks.types import Check, Finding, Subject, at

_LEAST_WORDS = 6
_RUN = 6
_SHARE = 0.2
_LEAST_RUNS = 40
_LOOP = 8


class Repetition(Check):
    id = "repetition"
    title = "Repetition"
    description = (
        "A sentence of six or more words that stands twice, a word eight times in a row, or a "
        "fifth of all runs of six words repeated."
    )

    def applies(self, subject: Subject) -> bool:
        return bool(subject.response) and subject.is_prose

    def __call__(self, subject: Subject) -> Iterator[Finding]:
        text = prose(subject.response)
        seen: dict[str, int] = {}
        place = 0
        for sentence in reading.sentences(text):
            start = text.find(sentence, place)
            place = max(place, start)
            tokens = reading.tokens(sentence)
            key = " ".join(tokens)
            if sum(map(reading.weight, tokens)) < _LEAST_WORDS or sentence[:1] in "|#":
                continue
            if key in seen:
                yield self.find(
                    f"This sentence stands here a second time: '{reading.excerpt(sentence)}'.",
                    advice="Leave one of them out.",
                    where=at(subject, start, start + len(sentence)),
                )
            seen[key] = start
        yield from self._runs(subject, reading.tokens(text))

    def _runs(self, subject: Subject, tokens: list[str]) -> Iterator[Finding]:
        if (word := _loop(tokens)) is not None:
            yield self.find(
                f"'{word}' stands {_LOOP} or more times in a row.",
                advice="Leave the repeats out.",
                where=at(subject, 0, len(subject.response)),
            )
        runs = Counter(zip(*(tokens[i:] for i in range(_RUN)), strict=False))
        total = sum(runs.values())
        again = total - len(runs)
        if total >= _LEAST_RUNS and again / total >= _SHARE:
            yield self.find(
                f"{again / total:.0%} of the text repeats itself.",
                advice="Say each thing once.",
                where=at(subject, 0, len(subject.response)),
                share=round(again / total, 3),
            )


def _loop(tokens: list[str]) -> str | None:
    run = 1
    for before, now in itertools.pairwise(tokens):
        run = run + 1 if before == now and reading.weight(now) == 1.0 else 1
        if run >= _LOOP:
            return now
    return None
