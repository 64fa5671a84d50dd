"""Does the answer fill space: an offer at the end, a restated question, empty phrases?"""

from __future__ import annotations

import re
from collections.abc import Iterator

from checks import text as reading
from checks.sketch import containment, word_shingles
from checks.types import Check, Finding, Subject, at

OFFER = re.compile(
    r"(?:i hope (?:this|that|it|these)\b[^.!?\n]{0,60}\b(?:help|clarif|useful|answer)\w*"
    r"|(?:please )?(?:feel free|don'?t hesitate|do not hesitate) to (?:ask|reach|contact|let)\b"
    r"|let me know if\b|if you (?:have|need|want|would like|'d like)\b[^.!?\n]{0,60}"
    r"\b(?:questions?|help|assistance|clarification|details|know|ask)\b"
    r"|is there anything else\b|(?:i'?m|i am) (?:always )?here (?:to|if)\b|good luck\b|happy \w+ing!"
    r"|would you like (?:me to|more|to know)\b|best of luck\b)[^\n]{0,160}$",
    re.IGNORECASE,
)
SUMMARY = re.compile(
    r"^\W*(?:in (?:conclusion|summary|short|closing|essence)|to (?:sum up|summari[sz]e|conclude)"
    r"|overall|all in all|ultimately)\b",
    re.IGNORECASE,
)
EMPTY = re.compile(
    r"\b(?:it(?:'s| is) (?:important|worth|crucial|essential|also worth) (?:to note|noting|to"
    r" (?:remember|mention|understand|keep in mind))|it should be noted|needless to say"
    r"|as (?:i )?(?:mentioned|stated|noted) (?:above|before|earlier)|in today'?s (?:fast-paced |modern "
    r"|digital |ever-changing )?world|at the end of the day|when it comes to|plays an? (?:crucial|vital"
    r"|pivotal|key|important) role|in the realm of|a testament to|delve into|rich tapestry"
    r"|there are (?:many|several|various|a number of|numerous) (?:ways|factors|reasons|things|aspects))",
    re.IGNORECASE,
)
PREAMBLE = re.compile(
    r"\W*(?:(?:in this (?:answer|response|article|essay)|below|here)\b[^.!?\n]{0,30}"
    r"\b(?:i(?:'ll| will)|we(?:'ll| will)|is|are)\b|let(?:'s| us) (?:start|begin|dive|explore|take a"
    r" look|break)|to answer (?:your|this|the) question|before (?:i|we) (?:answer|begin|dive)"
    r"|i(?:'ll| will) (?:explain|describe|walk you|provide|try|answer)|you (?:asked|are asking|want to know)"
    r"|the question (?:asks|is asking|of whether))",
    re.IGNORECASE,
)
_DENSITY = 3
_DENSITY_WORDS = 100
_RESTATED = 0.6


class Padding(Check):
    id = "padding"
    title = "Padding"
    description = (
        "A closing offer or wish, a closing summary where the spec forbids it, a first sentence "
        "that announces or restates instead of answering ('answer first'), and empty phrases in "
        "number (English)."
    )
    section = "closing"

    def applies(self, subject: Subject) -> bool:
        return bool(subject.response) and subject.is_prose

    def __call__(self, subject: Subject) -> Iterator[Finding]:
        text = reading.fold_quotes(subject.response)
        yield from self._closing(subject, text)
        if subject.section("opening").get("answer_first"):
            yield from self._opening(subject, text)
        phrases = list(EMPTY.finditer(text))
        if len(phrases) >= _DENSITY and len(phrases) * _DENSITY_WORDS > reading.count_words(text):
            yield self.find(
                f"{len(phrases)} empty phrases, such as '{phrases[0].group()}'.",
                advice="Say what is meant, or leave the phrase out.",
                where=at(subject, *phrases[0].span()),
                count=len(phrases),
            )

    def _closing(self, subject: Subject, text: str) -> Iterator[Finding]:
        rules = subject.section("closing")
        severity = self.severity_in(subject)
        blocks = [m for m in re.finditer(r"[^\n]+", text) if m.group().strip()]
        if not blocks:
            return
        last = blocks[-1]
        final = last.group()[-500:]
        offset = last.end() - len(final)
        if rules.get("no_offer", True) and (match := OFFER.search(final)):
            yield self.find(
                f"The answer ends with an offer or a wish: '{reading.excerpt(match.group())}'.",
                advice="End with the last thing the reader needs.",
                severity=severity,
                where=at(subject, offset + match.start(), offset + match.end()),
                kind="offer",
            )
        if rules.get("no_summary") and len(blocks) > 1 and SUMMARY.match(final):
            yield self.find(
                "The answer ends with a summary of itself.",
                advice="Leave it out; the reader has just read it.",
                severity=severity,
                where=at(subject, last.start(), last.end()),
                kind="summary",
            )
        for phrase in rules.get("banned", ()):
            if str(phrase).casefold() in final.casefold():
                yield self.find(
                    f"The answer ends with '{phrase}'.",
                    severity=severity,
                    advice="Leave it out.",
                    where=at(subject, offset, last.end()),
                )

    def _opening(self, subject: Subject, text: str) -> Iterator[Finding]:
        first = next(iter(reading.sentences(text[:2000])), "")
        start = text.find(first)
        restated = containment(
            word_shingles(reading.tokens(first)), word_shingles(reading.tokens(subject.question))
        )
        if PREAMBLE.match(first) or (restated >= _RESTATED and len(first.split()) > 5):
            yield self.find(
                "The first sentence announces or restates; it does not answer.",
                advice="Put the answer into the first sentence.",
                where=at(subject, start, start + len(first)),
                kind="answer_first",
            )
