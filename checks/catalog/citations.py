"""Are sources cited in the asked style, and does every mark lead to a source?"""

from __future__ import annotations

import re
from collections.abc import Iterator

import regex

from checks.format_spec import REGEX_SECONDS
from checks.markdown import prose
from checks.types import Check, Finding, Subject, at

_STYLES = {
    "numeric": r"\[\d{1,3}(?:\s*[,;\u2013-]\s*\d{1,3})*\](?!\()",
    "author_year": r"\([A-Z][^()\n]{0,80}?,? (?:19|20)\d{2}[a-z]?(?:; [^()\n]{1,80})?\)",
    "footnote": r"\[\^[^\]\s]{1,40}\](?!:)",
    "link": r"\[[^\]\n]{1,200}\]\(https?://[^)\s]{1,500}\)",
}
_NUMBER = re.compile(r"\d+")
_FOOTNOTE_TEXT = re.compile(r"^\[\^([^\]\s]{1,40})\]:", re.MULTILINE)
_LISTED = re.compile(r"^[ \t]*(?:\[(\d{1,3})\]:?|(\d{1,3})[.)])\s+\S", re.MULTILINE)
_REFERENCES = re.compile(
    r"^[^\w\n]*(?:references|sources|bibliography|works cited|literature)[^\w\n]*$",
    re.MULTILINE | re.IGNORECASE,
)


class Citations(Check):
    id = "citations"
    title = "Citations"
    description = (
        "Citations follow the style of the format spec (numeric, author-year, footnote, link or a "
        "pattern), and every mark leads to a listed source."
    )
    section = "citations"

    def applies(self, subject: Subject) -> bool:
        return bool(subject.response) and bool(subject.section("citations").get("style"))

    def __call__(self, subject: Subject) -> Iterator[Finding]:
        rules = subject.section("citations")
        style = str(rules["style"])
        text = prose(subject.response)
        pattern = str(rules.get("pattern", "")) if style == "pattern" else _STYLES[style]
        try:
            marks = list(regex.finditer(pattern, text, timeout=REGEX_SECONDS)) if pattern else []
        except (TimeoutError, regex.error):
            yield self.find(
                "The citation pattern of the format spec could not be used in time.",
                advice="Ask the project lead to simplify the pattern.",
            )
            return
        severity = self.severity_in(subject)
        if not marks and rules.get("required"):
            yield self.find(
                "No source is cited.",
                severity=severity,
                advice=f"Cite in the style '{style.replace('_', '-')}'.",
            )
        if rules.get("resolve"):
            known = _listed(subject, text)
            for mark in marks:
                for name in _names(style, mark.group()):
                    if name not in known:
                        yield self.find(
                            f"The citation {mark.group()} leads to no listed source.",
                            advice="List the source, or correct the number.",
                            severity=severity,
                            where=at(subject, *mark.span()),
                        )


def _names(style: str, mark: str) -> list[str]:
    if style == "numeric":
        return _NUMBER.findall(mark)
    return [mark[2:-1]] if style == "footnote" else []


def _listed(subject: Subject, text: str) -> set[str]:
    """Names of the sources given beside the answer or listed at its end."""
    names = {str(i) for i in range(1, len(subject.sources) + 1)}
    names |= set(_FOOTNOTE_TEXT.findall(text))
    if heading := _REFERENCES.search(text):
        names |= {a or b for a, b in _LISTED.findall(text[heading.end() :])}
    return names
