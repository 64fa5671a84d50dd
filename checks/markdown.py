"""The outline of a Markdown text: headings, lists, tables, code, links, with source ranges."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.token import Token

_PARSER = MarkdownIt("commonmark", {"html": True, "maxNesting": 20}).enable(
    ["table", "strikethrough"]
)
# Structure beyond this length is not read; a hand-written answer is a hundredth of it.
MOST_READ = 100_000
_LONGEST_LINE = 20_000


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of structure and the source range of its lines."""

    start: int
    end: int
    text: str = ""
    level: int = 0
    marker: str = ""


@dataclass(frozen=True, slots=True)
class Outline:
    """What a text is made of. ``code`` holds fenced and indented blocks, ``marker`` the language
    of a fence; ``inline_code`` the ranges of text that is not prose.
    """

    headings: list[Block] = field(default_factory=list)
    bullets: list[Block] = field(default_factory=list)
    numbered: list[Block] = field(default_factory=list)
    tables: list[Block] = field(default_factory=list)
    code: list[Block] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    html: list[Block] = field(default_factory=list)
    has_markup: bool = False

    @property
    def lists(self) -> list[Block]:
        return sorted([*self.bullets, *self.numbered], key=lambda b: b.start)


@lru_cache(maxsize=16)
def outline(text: str) -> Outline:
    """Read the structure of a text (its first 100 000 characters)."""
    text = text[:MOST_READ]
    if max(map(len, text.splitlines()), default=0) > _LONGEST_LINE:
        return Outline()
    starts = _line_starts(text)
    found = Outline()
    depth = 0
    tokens = _PARSER.parse(text)
    markup = False
    for i, token in enumerate(tokens):
        if token.type == "list_item_open":
            continue
        if token.type in {"bullet_list_open", "ordered_list_open"}:
            depth += 1
            own = found.bullets if token.type[0] == "b" else found.numbered
            own.append(_block(token, starts, text, level=depth, marker=token.markup))
        elif token.type in {"bullet_list_close", "ordered_list_close"}:
            depth -= 1
        elif token.type == "heading_open":
            title = tokens[i + 1].content
            found.headings.append(_block(token, starts, title, int(token.tag[1]), token.markup))
        elif token.type == "table_open":
            columns = sum(1 for t in _until(tokens, i, "thead_close") if t.type == "th_open")
            found.tables.append(_block(token, starts, level=columns))
        elif token.type in {"fence", "code_block"}:
            language = token.info.split()[0].lower() if token.info.strip() else ""
            found.code.append(
                _block(token, starts, token.content, int(token.type == "fence"), language)
            )
        elif token.type == "html_block":
            found.html.append(_block(token, starts, token.content))
        elif token.type == "inline":
            markup |= _read_inline(token, starts, found)
    marked = markup or any(
        (found.headings, found.bullets, found.numbered, found.tables, found.code)
    )
    return Outline(**{**{k: getattr(found, k) for k in _FIELDS}, "has_markup": marked})


_FIELDS = ("headings", "bullets", "numbered", "tables", "code", "links", "html")


def _read_inline(token: Token, starts: list[int], found: Outline) -> bool:
    markup = False
    for child in token.children or ():
        if child.type == "link_open":
            found.links.append(str(child.attrs.get("href", "")))
        elif child.type == "html_inline":
            found.html.append(_block(token, starts, child.content))
        markup |= child.type in {"strong_open", "em_open", "link_open", "code_inline", "s_open"}
    return markup


def _until(tokens: list[Token], start: int, kind: str) -> Iterator[Token]:
    for token in tokens[start:]:
        if token.type == kind:
            return
        yield token


def _line_starts(text: str) -> list[int]:
    starts = [0]
    for line in text.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    starts[-1] = len(text)
    return starts


def _block(
    token: Token, starts: list[int], text: str = "", level: int = 0, marker: str = ""
) -> Block:
    first, last = token.map or [0, 0]
    end = starts[min(last, len(starts) - 1)]
    return Block(starts[min(first, len(starts) - 1)], end, text, level, marker)


@lru_cache(maxsize=16)
def prose(text: str) -> str:
    """The text with code blanked out by spaces of the same length, so that ranges stay true."""
    out = list(text)
    for block in outline(text).code:
        for i in range(block.start, min(block.end, len(out))):
            if out[i] != "\n":
                out[i] = " "
    return "".join(out)
