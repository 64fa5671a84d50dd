"""Requirements that code can verify: the 25 kinds of IFEval (Zhou et al. 2023), our own code.

A requirement carries ``{"type": "length_constraints:number_words", "relation": "at least",
"num_words": 300}``; the parameters have the names that the published data uses.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from checks import text as reading
from checks.catalog.language import language_of
from checks.types import Check, Finding, Json, Severity, Subject, at

Params = Mapping[str, Any]
# What a verifier says: empty when the requirement is met, else what is wrong.
Verifier = Callable[[str, Params], str]


def _compare(count: int, relation: str, wanted: int, what: str) -> str:
    """``relation`` is "less than" or "at least", as published; "exactly" and "at most" are ours."""
    met = {
        "less than": count < wanted,
        "at least": count >= wanted,
        "at most": count <= wanted,
        "exactly": count == wanted,
    }.get(relation or "at least")
    if met is None:
        return f"the relation '{relation}' is not known; use 'at least' or 'less than'"
    return "" if met else f"{count} {what}; asked is {relation or 'at least'} {wanted}"


def _relation(params: Params, name: str = "relation") -> str:
    return str(params.get(name) or "at least")


def _number(params: Params, *names: str, default: int = 1) -> int:
    value = next((params[n] for n in names if params.get(n) is not None), default)
    return int(value)


def _strings(params: Params, name: str) -> list[str]:
    value = params.get(name) or []
    return [value] if isinstance(value, str) else [str(item) for item in value]


def _count(word: str, text: str) -> int:
    return len(re.findall(re.escape(word), text, re.IGNORECASE))


def keywords_existence(text: str, params: Params) -> str:
    missing = [word for word in _strings(params, "keywords") if not _count(word, text)]
    return f"missing: {reading.listing(missing)}" if missing else ""


def keywords_frequency(text: str, params: Params) -> str:
    word = str(params.get("keyword") or "")
    return _compare(
        _count(word, text), _relation(params), _number(params, "frequency"), f"times '{word}'"
    )


def forbidden_words(text: str, params: Params) -> str:
    found = [
        w
        for w in _strings(params, "forbidden_words")
        if re.search(rf"(?<!\w){re.escape(w)}(?!\w)", text, re.IGNORECASE)
    ]
    return f"found: {reading.listing(found)}" if found else ""


def letter_frequency(text: str, params: Params) -> str:
    letter = str(params.get("letter") or "").lower()
    return _compare(
        text.lower().count(letter) if letter else 0,
        _relation(params, "let_relation"),
        _number(params, "let_frequency"),
        f"times the letter '{letter}'",
    )


def response_language(text: str, params: Params) -> str:
    wanted = str(params.get("language") or "en").lower().split("-")[0]
    if not any(c.isalpha() for c in text):
        return ""
    found, sure = language_of(text)
    return "" if found == wanted or sure < 0.6 else f"this reads as '{found}', asked is '{wanted}'"


def number_sentences(text: str, params: Params) -> str:
    return _compare(
        len(reading.sentences(text)),
        _relation(params),
        _number(params, "num_sentences"),
        "sentences",
    )


def number_words(text: str, params: Params) -> str:
    return _compare(
        reading.count_words(text), _relation(params), _number(params, "num_words"), "words"
    )


def number_paragraphs(text: str, params: Params) -> str:
    """Paragraphs parted by ``***``, as the published kind counts them."""
    parts = [p.strip() for p in re.split(r"\s?\*\*\*\s?", text)]
    wanted = _number(params, "num_paragraphs")
    if not all(parts[1:-1]):
        return "there is an empty paragraph between two ***"
    parts = [p for p in parts if p]
    return "" if len(parts) == wanted else f"{len(parts)} paragraphs parted by ***; asked {wanted}"


def nth_paragraph_first_word(text: str, params: Params) -> str:
    parts = [p for p in re.split(r"\n\s*\n", text) if p.strip()]
    count = _number(params, "num_paragraphs")
    nth = _number(params, "nth_paragraph")
    wanted = str(params.get("first_word") or "").lower()
    if len(parts) != count:
        return f"{len(parts)} paragraphs; asked {count}"
    if not 1 <= nth <= len(parts):
        return f"there is no paragraph {nth}"
    first = (re.findall(r"\w[\w'\u2019-]*", parts[nth - 1]) or [""])[0].lower()
    return "" if first == wanted else f"paragraph {nth} begins with '{first}', asked '{wanted}'"


def number_placeholders(text: str, params: Params) -> str:
    return _compare(
        len(re.findall(r"\[[^\[\]\n]+\]", text)),
        "at least",
        _number(params, "num_placeholders"),
        "placeholders in square brackets",
    )


def postscript(text: str, params: Params) -> str:
    marker = str(params.get("postscript_marker") or "P.S.")
    letters = r"\.\s?".join(map(re.escape, re.findall(r"[A-Za-z]", marker)))
    ending = r"\." if marker.rstrip().endswith(".") else r"\b"
    found = re.search(rf"(?<!\w){letters}{ending}", text, re.IGNORECASE)
    return "" if found else f"there is no postscript that begins with '{marker}'"


def number_bullet_lists(text: str, params: Params) -> str:
    bullets = re.findall(r"^[ \t]*(?:[*](?![*])|-(?!-))[ \t]*\S[^\n]*$", text, re.MULTILINE)
    return _compare(len(bullets), "exactly", _number(params, "num_bullets"), "bullet points")


_CONSTRAINED = ("my answer is yes.", "my answer is no.", "my answer is maybe.")


def constrained_response(text: str, _params: Params) -> str:
    return (
        ""
        if any(choice in text.lower() for choice in _CONSTRAINED)
        else ("it must say 'My answer is yes.', 'My answer is no.' or 'My answer is maybe.'")
    )


def number_highlighted_sections(text: str, params: Params) -> str:
    spans = re.findall(r"\*\*([^\n*]+)\*\*|(?<!\*)\*([^\n*]+)\*(?!\*)", text)
    count = sum(1 for double, single in spans if (double or single).strip())
    return _compare(
        count, "at least", _number(params, "num_highlights"), "passages highlighted with *stars*"
    )


def multiple_sections(text: str, params: Params) -> str:
    mark = str(params.get("section_spliter") or "Section")
    count = len(re.findall(rf"\s?{re.escape(mark)}\s?\d+\s?", text))
    return _compare(count, "at least", _number(params, "num_sections"), f"sections '{mark} 1'")


def json_format(text: str, _params: Params) -> str:
    bare = re.sub(r"^\s*```(?:json)?\s*\n|\n```\s*$", "", text.strip(), flags=re.IGNORECASE)
    try:
        json.loads(bare)
    except (ValueError, RecursionError) as error:
        return f"the answer is not JSON: {error}"
    return ""


def title(text: str, _params: Params) -> str:
    found = re.findall(r"<<([^\n]{1,300}?)>>", text)
    return "" if any(words.strip("<> ") for words in found) else "there is no title in << >>"


def two_responses(text: str, _params: Params) -> str:
    parts = [p.strip() for p in text.split("******")]
    filled = [p for p in parts if p]
    if len(filled) != 2 or any(not p for p in parts[1:-1]):
        return "there must be two responses with ****** between them"
    return "" if filled[0] != filled[1] else "the two responses are the same"


def repeat_prompt(text: str, params: Params) -> str:
    prompt = " ".join(str(params.get("prompt_to_repeat") or "").lower().split())
    start = " ".join(text.lower().split())[: len(prompt)]
    return "" if prompt and start == prompt else "the answer must begin with the request, unchanged"


def end_checker(text: str, params: Params) -> str:
    phrase = str(params.get("end_phrase") or "").strip().lower()
    ends = text.strip().strip('"').lower().endswith(phrase)
    return "" if phrase and ends else f"it must end with '{phrase}'"


def quotation(text: str, _params: Params) -> str:
    bare = text.strip()
    wrapped = len(bare) > 1 and bare[0] in '"\u201c' and bare[-1] in '"\u201d'
    return "" if wrapped else "the whole answer must stand in double quotation marks"


def capital_word_frequency(text: str, params: Params) -> str:
    count = sum(1 for word in reading.words(text) if word.isupper())
    return _compare(
        count,
        _relation(params, "capital_relation"),
        _number(params, "capital_frequency"),
        "words in capitals",
    )


def english_capital(text: str, _params: Params) -> str:
    return _cased(text, str.isupper, "all letters must be capitals")


def english_lowercase(text: str, _params: Params) -> str:
    return _cased(text, str.islower, "all letters must be lower case")


def _cased(text: str, holds: Callable[[str], bool], message: str) -> str:
    if not holds(text):
        return message
    return response_language(text.lower(), {"language": "en"})


def no_comma(text: str, _params: Params) -> str:
    count = text.count(",")
    return f"{count} commas; none is allowed" if count else ""


VERIFIERS: dict[str, Verifier] = {
    "keywords:existence": keywords_existence,
    "keywords:frequency": keywords_frequency,
    "keywords:forbidden_words": forbidden_words,
    "keywords:letter_frequency": letter_frequency,
    "language:response_language": response_language,
    "length_constraints:number_sentences": number_sentences,
    "length_constraints:number_paragraphs": number_paragraphs,
    "length_constraints:number_words": number_words,
    "length_constraints:nth_paragraph_first_word": nth_paragraph_first_word,
    "detectable_content:number_placeholders": number_placeholders,
    "detectable_content:postscript": postscript,
    "detectable_format:number_bullet_lists": number_bullet_lists,
    "detectable_format:constrained_response": constrained_response,
    "detectable_format:number_highlighted_sections": number_highlighted_sections,
    "detectable_format:multiple_sections": multiple_sections,
    "detectable_format:json_format": json_format,
    "detectable_format:title": title,
    "combination:two_responses": two_responses,
    "combination:repeat_prompt": repeat_prompt,
    "startend:end_checker": end_checker,
    "startend:quotation": quotation,
    "change_case:capital_word_frequency": capital_word_frequency,
    "change_case:english_capital": english_capital,
    "change_case:english_lowercase": english_lowercase,
    "punctuation:no_comma": no_comma,
}
# Kinds that leave no room for the others: an answer that is JSON, or one of three sentences.
_EXCLUSIVE = {"detectable_format:json_format", "detectable_format:constrained_response"}


def conflicts(kinds: list[str]) -> list[str]:
    """Why a set of kinds cannot be met together; empty when it can."""
    names = set(kinds)
    found = [
        f"'{kind}' leaves no room for other format rules."
        for kind in sorted(names & _EXCLUSIVE)
        if len(names) > 1
    ]
    if {"change_case:english_capital", "change_case:english_lowercase"} <= names:
        found.append("All capitals and all lower case exclude each other.")
    return found


def verify(text: str, check: Json) -> str:
    """What a requirement's machine form says about a text; empty when it is met.

    Raises ``KeyError`` for an unknown kind and ``ValueError`` for unusable parameters.
    """
    verifier = VERIFIERS[str(check.get("type") or check.get("id") or "")]
    nested = check.get("kwargs") or check.get("params") or {}
    params = {**check, **nested} if isinstance(nested, Mapping) else check
    try:
        return verifier(text, params)
    except (TypeError, re.error) as error:
        raise ValueError(str(error)) from error


class Verifiable(Check):
    id = "verifiable"
    title = "Verifiable requirements"
    description = (
        "Requirements with a machine form, of the 25 kinds that IFEval defines (keywords, length, "
        "format, case, start and end, punctuation, language), are checked by code."
    )
    severity = Severity.ERROR
    version = 2

    def applies(self, subject: Subject) -> bool:
        return bool(subject.response) and any(r.check for r in subject.requirements)

    def __call__(self, subject: Subject) -> Iterator[Finding]:
        for requirement in subject.requirements:
            if not requirement.check:
                continue
            shown = reading.excerpt(requirement.text, 80)
            try:
                wrong = verify(subject.response, requirement.check)
            except KeyError:
                yield self._unusable(requirement.id, shown, "its kind is not known")
                continue
            except ValueError as error:
                yield self._unusable(requirement.id, shown, str(error))
                continue
            if wrong:
                yield self.find(
                    f"Not met: '{shown}': {wrong}.",
                    advice="Change the answer to meet it.",
                    where=at(subject, 0, len(subject.response)),
                    requirement=requirement.id,
                )

    def _unusable(self, requirement: str, shown: str, reason: str) -> Finding:
        return self.find(
            f"The rule of '{shown}' cannot be checked: {reason}.",
            severity=Severity.INFO,
            advice="Ask the project lead to correct the requirement.",
            requirement=requirement,
        )
