"""Markdown that will show as a mistake."""

from __future__ import annotations

import re
from collections.abc import Iterator

from checks.markdown import MOST_READ, outline, prose
from checks.types import Check, Finding, Subject, at

_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})([^\n`]*)$", re.MULTILINE)
_TABLE_RULE = re.compile(
    r"^ {0,3}\|?[ \t]*:?-{2,}:?[ \t]*(?:\|[ \t]*:?-{2,}:?[ \t]*)+\|?[ \t]*$", re.MULTILINE
)
_GLUED_HEADING = re.compile(r"^ {0,3}#{1,6}(?=[^\s#0-9!])", re.MULTILINE)
_EMPTY_LINK = re.compile(r"\[[^\]\n]{0,200}\]\([ \t]*\)")
_BOLD = re.compile(r"(?<![\\*])\*\*(?!\*)")
_KNOWN_HTML = re.compile(
    r"</?(?:p|div|span|br|b|i|u|em|strong|a|ul|ol|li|table|tr|td|th|thead|tbody|h[1-6]|font|center"
    r"|img|script|style|iframe|code|pre|hr|html|body|head)\b[^>\n]{0,300}>",
    re.IGNORECASE,
)
_ALLOWED_HTML = re.compile(r"</?(?:sub|sup|kbd|br|details|summary|mark)\b", re.IGNORECASE)
_INLINE_CODE = re.compile(r"`[^`\n]+`")


class MarkdownFaults(Check):
    id = "markdown_faults"
    title = "Markdown faults"
    description = (
        "Faults a reader would see: a code fence never closed, table rows of unequal width, stray "
        "HTML, a heading without its space, an empty link, unpaired bold marks."
    )

    def applies(self, subject: Subject) -> bool:
        return bool(subject.response) and subject.is_prose

    def __call__(self, subject: Subject) -> Iterator[Finding]:
        text = subject.response[:MOST_READ]
        yield from self._fences(subject, text)
        plain = _INLINE_CODE.sub(lambda m: " " * len(m.group()), prose(text))
        yield from self._tables(subject, plain)
        for pattern, message, advice in (
            (_GLUED_HEADING, "A heading mark has no space after it.", "Write '# Title'."),
            (_EMPTY_LINK, "A link leads nowhere.", "Give the address, or remove the link."),
            (_KNOWN_HTML, "HTML will show as text, or be dropped.", "Use Markdown instead."),
        ):
            for match in pattern.finditer(plain):
                if pattern is _KNOWN_HTML and _ALLOWED_HTML.match(match.group()):
                    continue
                yield self.find(message, advice=advice, where=at(subject, *match.span()))
        yield from self._bold(subject, plain)

    def _fences(self, subject: Subject, text: str) -> Iterator[Finding]:
        opened: re.Match[str] | None = None
        for match in _FENCE.finditer(text):
            mark = match.group(1)
            if opened is None:
                opened = match
            elif (
                mark[0] == opened.group(1)[0]
                and len(mark) >= len(opened.group(1))
                and not match.group(2).strip()
            ):
                opened = None
        if opened is not None:
            yield self.find(
                "A code block is opened and never closed.",
                advice="Add a closing ``` line.",
                where=at(subject, *opened.span()),
            )

    def _tables(self, subject: Subject, text: str) -> Iterator[Finding]:
        known = [(t.start, t.end) for t in outline(subject.response).tables]
        for rule in _TABLE_RULE.finditer(text):
            if not any(start <= rule.start() < end for start, end in known):
                yield self.find(
                    "This table does not show as a table.",
                    advice="Give the head row as many columns as the line of dashes, and a blank "
                    "line before the table.",
                    where=at(subject, *rule.span()),
                )
        for start, end in known:
            yield from self._rows(subject, text, start, end)

    def _rows(self, subject: Subject, text: str, start: int, end: int) -> Iterator[Finding]:
        width, place = 0, start
        for line in text[start:end].splitlines(keepends=True):
            cells = len(re.split(r"(?<!\\)\|", line.strip().strip("|")))
            if "|" in line and width and cells != width:
                yield self.find(
                    f"A table row has {cells} {'cell' if cells == 1 else 'cells'}, the head has {width}.",
                    advice="Give every row the same number of cells.",
                    where=at(subject, place, place + len(line.rstrip("\n"))),
                )
            width = width or cells
            place += len(line)

    def _bold(self, subject: Subject, text: str) -> Iterator[Finding]:
        for block in re.finditer(r"[^\n]+(?:\n[^\n]+)*", text):
            marks = list(_BOLD.finditer(block.group()))
            if len(marks) % 2:
                start = block.start() + marks[-1].start()
                yield self.find(
                    "A bold mark ** has no partner.",
                    advice="Close it, or remove it.",
                    where=at(subject, start, start + 2),
                )
