"""Do headings, lists, tables and code look as the project wants them?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from checks import text as reading
from checks.markdown import Block, Outline, outline
from checks.types import Check, Finding, Json, Severity, Subject, at


class Format(Check):
    id = "format"
    title = "Format"
    description = (
        "Headings (required, forbidden, order, depth), lists (marker, depth), tables and code "
        "fences against the format spec."
    )

    def applies(self, subject: Subject) -> bool:
        return bool(subject.response) and subject.is_prose

    def __call__(self, subject: Subject) -> Iterator[Finding]:
        read = outline(subject.response)
        yield from self._headings(subject, read)
        yield from self._lists(subject, read)
        yield from self._tables(subject, read)
        yield from self._code(subject, read)
        if subject.section("markdown").get("allowed") is False and read.has_markup:
            yield self._wrong(
                subject,
                "markdown",
                "The answer uses Markdown; plain text is asked.",
                "Remove the marks and say it in sentences.",
            )

    def _headings(self, subject: Subject, read: Outline) -> Iterator[Finding]:
        rules = subject.section("headings")
        found = {_key(h.text): h for h in reversed(read.headings)}
        if rules.get("allowed") is False and read.headings:
            yield self._wrong(
                subject,
                "headings",
                "Headings are not wanted here.",
                "Write without headings.",
                read.headings[0],
            )
        required = [str(title) for title in rules.get("required", ())]
        for title in required:
            if _key(title) not in found:
                yield self._wrong(
                    subject,
                    "headings",
                    f"The heading '{title}' is missing.",
                    f"Add a heading '{title}'.",
                    rule="required",
                )
        for title in rules.get("forbidden", ()):
            if block := found.get(_key(str(title))):
                yield self._wrong(
                    subject,
                    "headings",
                    f"The heading '{title}' is not wanted.",
                    "Give it another title, or leave it out.",
                    block,
                )
        if rules.get("in_order"):
            yield from self._order(subject, required, found)
        deepest = rules.get("max_level")
        for block in read.headings:
            if deepest and block.level > deepest:
                yield self._wrong(
                    subject,
                    "headings",
                    f"The heading '{reading.excerpt(block.text)}' has level {block.level}, "
                    f"the deepest allowed is {deepest}.",
                    "Use fewer # signs.",
                    block,
                )

    def _order(
        self, subject: Subject, required: Sequence[str], found: dict[str, Block]
    ) -> Iterator[Finding]:
        present = [(found[_key(t)].start, t) for t in required if _key(t) in found]
        if present != sorted(present):
            yield self._wrong(
                subject,
                "headings",
                "The headings are in another order than asked.",
                f"The order is: {', '.join(t for _, t in present)}.",
                rule="in_order",
            )

    def _lists(self, subject: Subject, read: Outline) -> Iterator[Finding]:
        rules = subject.section("lists")
        if rules.get("allowed") is False and read.lists:
            yield self._wrong(
                subject,
                "lists",
                "Lists are not wanted here.",
                "Say it in sentences.",
                read.lists[0],
            )
        for name, blocks in (("marker", read.bullets), ("numbering", read.numbered)):
            wanted = rules.get(name)
            for block in blocks:
                if wanted and block.marker != wanted:
                    yield self._wrong(
                        subject,
                        "lists",
                        f"A list uses '{block.marker}'; '{wanted}' is asked.",
                        f"Begin the items with '{wanted}'.",
                        block,
                    )
        depth = rules.get("max_depth")
        for block in read.lists:
            if depth and block.level > depth:
                yield self._wrong(
                    subject,
                    "lists",
                    f"A list is {block.level} levels deep; the limit is {depth}.",
                    "Flatten it.",
                    block,
                )

    def _tables(self, subject: Subject, read: Outline) -> Iterator[Finding]:
        rules = subject.section("tables")
        if rules.get("allowed") is False and read.tables:
            yield self._wrong(
                subject,
                "tables",
                "Tables are not wanted here.",
                "Say it in sentences or a list.",
                read.tables[0],
            )
        if rules.get("required") and not read.tables:
            yield self._wrong(
                subject,
                "tables",
                "A table is asked and there is none.",
                "Put the comparison into a table.",
            )
        widest = rules.get("max_columns")
        for block in read.tables:
            if widest and block.level > widest:
                yield self._wrong(
                    subject,
                    "tables",
                    f"A table has {block.level} columns; the limit is {widest}.",
                    "Split or turn the table.",
                    block,
                )

    def _code(self, subject: Subject, read: Outline) -> Iterator[Finding]:
        rules = subject.section("code")
        if rules.get("allowed") is False and read.code:
            yield self._wrong(
                subject,
                "code",
                "Code blocks are not wanted here.",
                "Describe it in words.",
                read.code[0],
            )
        wanted = [str(name).lower() for name in rules.get("languages", ())]
        for block in read.code:
            if not block.level:
                continue
            if rules.get("needs_language") and not block.marker:
                yield self._wrong(
                    subject,
                    "code",
                    "A code block does not name its language.",
                    "Write it after the opening ```, for example ```python.",
                    block,
                )
            elif wanted and block.marker and block.marker not in wanted:
                yield self._wrong(
                    subject,
                    "code",
                    f"A code block is in '{block.marker}'; asked is {reading.listing(wanted)}.",
                    "Use that language.",
                    block,
                )

    def _wrong(
        self,
        subject: Subject,
        section: str,
        message: str,
        advice: str,
        block: Block | None = None,
        rule: str = "",
    ) -> Finding:
        where = at(subject, block.start, block.end) if block else None
        return self.find(
            message,
            advice=advice,
            where=where,
            section=section,
            severity=_asked(subject.section(section), self.severity),
            rule=rule,
        )


def _asked(section: Json, otherwise: Severity) -> Severity:
    wanted = section.get("severity")
    return Severity(wanted) if wanted in set(Severity) else otherwise


def _key(title: str) -> str:
    return " ".join(reading.tokens(title))
