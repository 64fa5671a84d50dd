"""Does the answer flatter, greet or yield before it says anything?"""

from __future__ import annotations

import re
from collections.abc import Iterator

from checks import text as reading
from checks.types import Check, Finding, Severity, Subject, Where, at

_QUALITY = (
    r"(?:great|good|excellent|fantastic|wonderful|brilliant|amazing|awesome|fascinating"
    r"|insightful|thoughtful|interesting|lovely|superb|perceptive|terrific|very good|smart)"
)
_ASKED = r"(?:question|point|observation|idea|topic|query|prompt|request|thought|choice|catch)"
_LEAD = r"(?:\W|\b(?:wow|oh|ah|well|hi|hello|hey)\b)*"

FLATTERY = re.compile(
    rf"{_LEAD}(?:"
    rf"(?:what|that'?s|that is|this is|such|it'?s) (?:really |truly |actually |such )?(?:an? )?"
    rf"(?:really |truly |very |such an? )?{_QUALITY}\b[^.!?\n]{{0,20}}\b{_ASKED}"
    rf"|(?:an? )?(?:really |truly |very )?{_QUALITY} {_ASKED}\b"
    r"|you(?:'re| are) (?:absolutely|completely|totally|so|quite|very|exactly|100 ?%) (?:right|correct)"
    r"|you(?:'ve| have) (?:raised|asked|made|hit on) an? [^.!?\n]{0,20}"
    rf"(?:{_QUALITY}|important|excellent)\b[^.!?\n]{{0,20}}{_ASKED}"
    r"|i (?:really )?(?:love|appreciate|admire|like) (?:your|this|that|how you)\b"
    r"|(?:thank you|thanks)(?: so much| very much)? for (?:asking|your|the|reaching|sharing|bringing)"
    r"|(?:i(?:'m| am) (?:so |very |really )?(?:glad|happy|delighted|thrilled) you asked)"
    r"|(?:kudos|bravo|well done|congratulations|good thinking|great thinking|nice catch)\b"
    r")",
    re.IGNORECASE,
)
EAGER = re.compile(
    rf"{_LEAD}(?:(?:certainly|absolutely|of course|definitely|sure(?: thing)?|no problem"
    r"|with pleasure|my pleasure|gladly)\s*[!,.:\u2014-]"
    r"|(?:i(?:'d| would) be (?:happy|glad|delighted) to|i(?:'m| am) (?:happy|glad|here) to help"
    r"|happy to help|let me help you)\b)",
    re.IGNORECASE,
)
GREETING = re.compile(
    r"\W*(?:hi|hello|hey|greetings|dear (?:user|friend|reader|sir|madam)"
    r"|good (?:morning|afternoon|evening|day))(?:\s+(?:there|everyone|all))?\s*[!,.\n]",
    re.IGNORECASE,
)
MACHINE = re.compile(
    r"\bas an? (?:ai|artificial intelligence|language model|large language model)\b[^.!?\n]{0,40}"
    r"|\bi(?:'m| am) (?:just |only )?an? (?:ai|language model|virtual assistant)\b"
    r"|\bmy (?:training data|knowledge cutoff)\b",
    re.IGNORECASE,
)
_OPENING = 300


class Sycophancy(Check):
    id = "sycophancy"
    title = "Flattery and greetings"
    description = (
        "The answer opens with praise of the asker or the question, empty assent, thanks or a "
        "greeting, or speaks as a machine (English phrases; others as 'banned' in the spec)."
    )
    section = "opening"

    def __call__(self, subject: Subject) -> Iterator[Finding]:
        rules = subject.section("opening")
        severity = self.severity_in(subject)
        for index, message in subject.written:
            text = message.content
            opening = reading.fold_quotes(text[:_OPENING])
            if rules.get("no_flattery", True):
                for pattern, name in ((FLATTERY, "flattery"), (EAGER, "empty assent")):
                    if match := pattern.match(opening):
                        yield self._found(index, text, match, name, severity)
            if rules.get("no_greeting", True) and (match := GREETING.match(opening)):
                yield self._found(index, text, match, "a greeting", severity)
            for phrase in rules.get("banned", ()):
                if opening.lstrip(" \n*_#>\"'").casefold().startswith(str(phrase).casefold()):
                    yield self.find(
                        f"The answer opens with '{phrase}'.",
                        advice="Begin with the answer.",
                        severity=severity,
                        where=at(subject, 0, min(len(text), _OPENING)),
                    )
            for match in MACHINE.finditer(reading.fold_quotes(text)):
                yield self._found(index, text, match, "a machine's self-description", severity)

    def _found(
        self, index: int, text: str, match: re.Match[str], name: str, severity: Severity
    ) -> Finding:
        start, end = match.span()
        return self.find(
            f"This is {name}: '{reading.excerpt(text[start:end])}'.",
            advice="Begin with the answer itself.",
            severity=severity,
            where=Where("response", index, start, end, "assistant"),
            kind=name,
        )
