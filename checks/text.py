"""Reading text: one folding for every comparison, and words, sentences and paragraphs for counts.

Folding is local: what it makes of a passage does not depend on what stands around it, so a quoted,
escaped or re-cased copy inside a longer text folds to the same tokens as the original.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import unquote_to_bytes

import regex

# Scripts written without spaces. An ideograph carries about 0.6 of an English word, a letter of
# the second group about a quarter; the weights make "13 words" mean the same in every script.
_IDEOGRAPHS = r"\p{Han}\p{Hiragana}\p{Katakana}"
_UNSPACED = r"\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Tibetan}"
_IDEOGRAPH = regex.compile(f"[{_IDEOGRAPHS}]")
_UNSPACED_LETTER = regex.compile(f"[{_UNSPACED}]")
_TOKEN = regex.compile(
    rf"(?V1)[{_IDEOGRAPHS}]|[{_UNSPACED}]\p{{M}}*"
    rf"|[[\p{{L}}\p{{N}}\p{{M}}]--[{_IDEOGRAPHS}{_UNSPACED}]]+"
)
_ASCII_TOKEN = re.compile(r"[a-z0-9]+")
IDEOGRAPH_WEIGHT = 0.6
LETTER_WEIGHT = 0.25

# One level of escaping: JSON and code strings, HTML entities, percent-encoded UTF-8.
_ESCAPE = re.compile(
    r"(?:\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})"
    r"|\\u[0-9a-fA-F]{4}|\\x[0-9a-fA-F]{2}|\\[nrtbf\"'/\\]"
    r"|&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});"
    r"|(?:%[0-9a-fA-F]{2})+"
)
_SIMPLE = {"n": "\n", "r": "\r", "t": "\t", "b": " ", "f": " "}
_ESCAPE_LEVELS = 3
_INVISIBLE = regex.compile(r"\p{Cf}|[\uFE00-\uFE0F]")
_ACCENT = re.compile(r"[\u0300-\u036f]")
# What is written with or without: don't / dont, 1,000 / 1000.
_DROPPED = re.compile(r"(?<=\w)['\u2019\u02bc\u2018\u0060\u00b4](?=\w)|(?<=\d),(?=\d{3}(?!\d))")
# Letters of other alphabets that look Latin; mapped only inside a word that has Latin letters too.
_LOOKALIKES = str.maketrans(
    "\u0430\u0435\u043e\u0440\u0441\u0445\u0443\u0456\u0458\u0455\u04bb\u0501\u051b\u03bf\u03bd"
    "\u03b1\u0131",
    "aeopcxyijshdqovai",
)
_HAS_LOOKALIKE = re.compile(
    r"[\u0430\u0435\u043e\u0440\u0441\u0445\u0443\u0456\u0458\u0455\u04bb"
    r"\u0501\u051b\u03bf\u03bd\u03b1\u0131]"
)
_HAS_LATIN = re.compile(r"[a-z]")
_WORDY = re.compile(r"\w+")


def _unescape_one(match: re.Match[str]) -> str:
    """What one escape stands for; the escape itself when it stands for nothing."""
    raw = match.group()
    if raw[0] == "&":
        return html.unescape(raw)
    if raw[0] == "%":
        try:
            return unquote_to_bytes(raw).decode("utf-8")
        except UnicodeDecodeError:
            return raw
    if raw[1] == "u" and len(raw) == 12:
        return bytes.fromhex(raw[2:6] + raw[8:12]).decode("utf-16-be", "replace")
    if raw[1] in "ux" and len(raw) > 2:
        point = int(raw[2:], 16)
        return "\ufffd" if 0xD800 <= point < 0xE000 else chr(point)
    return _SIMPLE.get(raw[1], raw[1])


def _fold_letters(text: str) -> str:
    """Case, width, accents and invisible characters away; changes no ASCII but case."""
    text = _ACCENT.sub("", unicodedata.normalize("NFKD", _INVISIBLE.sub("", text)))
    return unicodedata.normalize("NFKC", text.casefold())


def _latin_word(match: re.Match[str]) -> str:
    word = match.group()
    return word.translate(_LOOKALIKES) if _HAS_LATIN.search(word) else word


def fold(text: str) -> str:
    """The text as compared: unescaped, lower case, no accents, no invisible characters."""
    for _ in range(_ESCAPE_LEVELS):
        plain = _ESCAPE.sub(_unescape_one, text)
        if plain == text:
            break
        text = plain
    text = text.lower() if text.isascii() else _fold_letters(text)
    if _HAS_LOOKALIKE.search(text):
        text = _WORDY.sub(_latin_word, text)
    return _DROPPED.sub("", text)


def tokens(text: str) -> list[str]:
    """The folded words of a text; in scripts without spaces every character is a token."""
    folded = fold(text)
    return _ASCII_TOKEN.findall(folded) if folded.isascii() else _TOKEN.findall(folded)


@lru_cache(maxsize=1 << 16)
def weight(token: str) -> float:
    """How much of a word a token is."""
    if len(token) > 4 or token.isascii():
        return 1.0
    if _IDEOGRAPH.match(token):
        return IDEOGRAPH_WEIGHT
    return LETTER_WEIGHT if _UNSPACED_LETTER.match(token) else 1.0


_UNSPACED_GAP = regex.compile(
    rf"(?<=[{_IDEOGRAPHS}{_UNSPACED}]\p{{M}}*) (?=[{_IDEOGRAPHS}{_UNSPACED}])"
)


def compact(parts: Iterable[str]) -> str:
    """Tokens as one string: words parted by a space, characters of unspaced scripts joined."""
    joined = " ".join(parts)
    return joined if joined.isascii() else _UNSPACED_GAP.sub("", joined)


@dataclass(frozen=True, slots=True)
class Token:
    """A folded token and the range of the source text it came from."""

    text: str
    start: int
    end: int


Spans = list[tuple[int, int]]


def tokens_with_spans(text: str) -> list[Token]:
    """As ``tokens``, with source ranges; some ten times slower, for showing a place."""
    folded, spans = text, [(i, i + 1) for i in range(len(text))]
    for _ in range(_ESCAPE_LEVELS):
        plain, spans_after = _replace(folded, spans, _ESCAPE.finditer(folded), _unescape_one)
        if plain == folded:
            break
        folded, spans = plain, spans_after
    clusters = regex.finditer(r"\X", folded)
    folded, spans = _replace(folded, spans, clusters, lambda m: _fold_letters(m.group()))
    folded, spans = _replace(folded, spans, _WORDY.finditer(folded), _latin_word)
    folded, spans = _replace(folded, spans, _DROPPED.finditer(folded), lambda _: "")
    return [
        Token(m.group(), spans[m.start()][0], spans[m.end() - 1][1])
        for m in _TOKEN.finditer(folded)
    ]


def _replace(
    text: str,
    spans: Spans,
    matches: Iterable[Any],
    new: Callable[[Any], str],
) -> tuple[str, Spans]:
    """Substitute like ``re.sub`` while keeping, for each character, its source range."""
    parts: list[str] = []
    kept: Spans = []
    done = 0
    for match in matches:
        start, end = match.span()
        replacement = new(match)
        if replacement == match.group():
            continue
        parts += [text[done:start], replacement]
        kept += spans[done:start]
        if end > start:
            kept += [(spans[start][0], spans[end - 1][1])] * len(replacement)
        done = end
    parts.append(text[done:])
    kept += spans[done:]
    return "".join(parts), kept


# Counting for people: words as a word processor counts them.
_COUNTED = regex.compile(
    rf"(?V1)[{_IDEOGRAPHS}]|[{_UNSPACED}][\p{{M}}{_UNSPACED}]*"
    rf"|[[\p{{L}}\p{{N}}\p{{M}}]--[{_IDEOGRAPHS}{_UNSPACED}]]"
    rf"(?:[[\p{{L}}\p{{N}}\p{{M}}'\u2019.,\-_/@]--[{_IDEOGRAPHS}{_UNSPACED}]]*"
    rf"[[\p{{L}}\p{{N}}\p{{M}}]--[{_IDEOGRAPHS}{_UNSPACED}]])?"
)
_ASCII_COUNTED = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9'.,\-_/@]*[A-Za-z0-9])?")
_SENTENCE_END = regex.compile(
    r"(?<!\b(?i:e\.g|i\.e|cf|vs|dr|mr|mrs|ms|prof|st|no|fig|al|approx|ca|etc|inc|ltd|jr|sr|vol|pp)\.)"
    r"(?<=[.!?\u2026][\"'\u201d\u2019)\]*_]{0,6})\s+(?=[\p{Lu}\p{Lo}\p{N}\"'\u201c(\[*_#-])"
    r"|(?<=[\u3002\uff01\uff1f])|\n\s*\n|\n(?=\s*(?:[-*+]|\d+[.)])\s)",
)
_PARAGRAPH_GAP = re.compile(r"\n[ \t]*\n\s*")


def words(text: str) -> list[str]:
    """The words of a text; an ideograph counts as one word, a run of Thai letters as one."""
    return (_ASCII_COUNTED if text.isascii() else _COUNTED).findall(text)


def count_words(text: str) -> int:
    """Words for length rules; unspaced letters (Thai, Khmer, …) count four to a word."""
    if text.isascii():
        return len(_ASCII_COUNTED.findall(text))
    runs = _COUNTED.findall(text)
    letters = sum(len(run) for run in runs if _UNSPACED_LETTER.match(run))
    spaced = sum(1 for run in runs if not _UNSPACED_LETTER.match(run))
    return spaced + round(letters * LETTER_WEIGHT)


_PIECE = regex.compile(
    r"'(?:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+|\s+",
    regex.IGNORECASE,
)
_LETTERS_A_TOKEN = 6


def estimate_tokens(text: str) -> int:
    """About how many tokens a model sees: an estimate without any model's vocabulary.

    Pieces are cut as byte-pair tokenizers cut them before merging; long words and characters
    beyond ASCII count for more than one. The exact count belongs to the release preview.
    """
    total = 0
    for piece in _PIECE.findall(text):
        if piece.isascii():
            total += 1 + (len(piece.strip()) - 1) // _LETTERS_A_TOKEN if piece.strip() else 1
        else:
            total += max(1, round(len(piece.encode()) / 3))
    return total


def sentences(text: str) -> list[str]:
    """The sentences of a text, list items counted as sentences."""
    return [s.strip() for s in _SENTENCE_END.split(text) if s and s.strip()]


def paragraphs(text: str) -> list[str]:
    """The blocks of a text that blank lines part."""
    return [p.strip() for p in _PARAGRAPH_GAP.split(text) if p.strip()]


_QUOTES = str.maketrans("\u2018\u2019\u201c\u201d\u2013\u2014", "''\"\"--")


def fold_quotes(text: str) -> str:
    """The text with typewriter quotes and dashes, every position unchanged."""
    return text.translate(_QUOTES)


def excerpt(text: str, limit: int = 60) -> str:
    """A text short enough for a message, on one line."""
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "\u2026"


def listing(items: Sequence[str], limit: int = 5) -> str:
    """Items for a sentence: the first few, and how many more."""
    shown = ", ".join(items[:limit])
    return shown if len(items) <= limit else f"{shown} and {len(items) - limit} more"
