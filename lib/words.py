"""Words to find texts by, in any writing, and where they stand in a text.

Which words a text holds is decided here and not by the database, whose own division into words follows the locale it
was set up with. Case, accents and width do not count. Writings that set no spaces between words are found by
neighbouring characters.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

# Kana, Han, Thai, Lao, Burmese and Khmer.
_SPACELESS = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
)
_WORD = re.compile(rf"[{_SPACELESS}]+|(?:[^\W_{_SPACELESS}]|[\u0300-\u036f])+")
_IS_SPACELESS = re.compile(rf"[{_SPACELESS}]")
_ACCENTS = re.compile("[\u0300-\u036f]")
# Marks of Markdown, which an excerpt does not lay out.
_MARKS = re.compile(r"\*\*|`|(?m:^[#>\s]+(?=\S))")
_LONGEST = 40
_MOST_ASKED = 12
# From so many letters on, an asked word stands for all that begin with it: `kidney` finds `kidneys`. In Korean,
# where endings are written to the word, one is enough.
_BEGINNING = 3
_IS_KOREAN = re.compile("[\uac00-\ud7a3]")
# What one row may hold; a text beyond this is found by its first words.
_MOST_CHARACTERS = 500_000
_MOST_BYTES = 900_000


def _folded(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return unicodedata.normalize("NFC", _ACCENTS.sub("", decomposed))


def _pairs(run: str) -> list[str]:
    return [run[at : at + 2] for at in range(len(run))]


def _words(text: str) -> Iterator[tuple[str, bool]]:
    """(folded word, whether its writing sets no spaces)."""
    for found in _WORD.findall(text):
        spaceless = bool(_IS_SPACELESS.match(found))
        word = _folded(found)
        yield (word if spaceless else word[:_LONGEST]), spaceless


def vector_of(texts: Iterable[str]) -> str:
    """What these texts can be found by, as PostgreSQL reads a tsvector."""
    lexemes: set[str] = set()
    for word, spaceless in _words("\n".join(texts)[:_MOST_CHARACTERS]):
        lexemes.update(_pairs(word) if spaceless else (word,))
    kept, left = [], _MOST_BYTES
    for lexeme in sorted(filter(_is_plain, lexemes)):
        left -= len(lexeme.encode()) + 4
        if left < 0:
            break
        kept.append(f"'{lexeme}'")
    return " ".join(kept)


def _is_plain(lexeme: str) -> bool:
    """Only letters and digits reach the database's own notation."""
    return bool(lexeme) and "'" not in lexeme and "\\" not in lexeme and "\x00" not in lexeme


def _begins(word: str) -> bool:
    return len(word) >= _BEGINNING or bool(_IS_KOREAN.match(word))


@dataclass(frozen=True)
class Asked:
    """What somebody looks for: every word of it must be there, in any order."""

    words: tuple[str, ...]
    runs: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.words or self.runs)

    @property
    def query(self) -> str:
        """As PostgreSQL reads a tsquery."""
        parts = [f"'{word}':*" if _begins(word) else f"'{word}'" for word in self.words]
        for run in self.runs:
            parts += [f"'{pair}'" for pair in _pairs(run)[:-1]] or [f"'{run}':*"]
        return " & ".join(parts)


def asked_in(text: str) -> Asked:
    """The words somebody typed to look for; none when there is no letter or digit in it."""
    found = [one for one in dict.fromkeys(_words(text)) if _is_plain(one[0])][:_MOST_ASKED]
    return Asked(
        tuple(word for word, spaceless in found if not spaceless),
        tuple(word for word, spaceless in found if spaceless),
    )


def holds(text: str, asked: Asked) -> bool:
    """Whether all that is asked for is in this text, as the database says it of one that was taken up."""
    words, pairs = set(), set()
    for word, spaceless in _words(text[:_MOST_CHARACTERS]):
        if spaceless:
            pairs.update(_pairs(word))
        else:
            words.add(word)
    return all(
        any(word.startswith(one) for word in words) if _begins(one) else one in words
        for one in asked.words
    ) and all(
        pairs.issuperset(_pairs(run)[:-1])
        if len(run) > 1
        else any(p.startswith(run) for p in pairs)
        for run in asked.runs
    )


def places_of(asked: Asked, text: str) -> list[tuple[int, int]]:
    """Where the words stand in `text` as it is written: (from, to) in order, never overlapping."""
    return [place for found in _WORD.finditer(text) for place in _places_in(asked, found)]


def _places_in(asked: Asked, found: re.Match[str]) -> list[tuple[int, int]]:
    start, word = found.start(), _folded(found[0])
    if not _IS_SPACELESS.match(found[0]):
        hit = any(word.startswith(one) if _begins(one) else word == one for one in asked.words)
        return [found.span()] if hit else []
    if len(word) != len(
        found[0]
    ):  # half-width letters: the whole run instead of a place that is off
        return [found.span()] if any(run in word for run in asked.runs) else []
    places = {
        (start + one.start(), start + one.end())
        for run in asked.runs
        for one in re.finditer(re.escape(run), word)
    }
    return _apart(sorted(places))


def _apart(places: list[tuple[int, int]]) -> list[tuple[int, int]]:
    kept: list[tuple[int, int]] = []
    for begin, end in places:
        if not kept or begin >= kept[-1][1]:
            kept.append((begin, end))
    return kept


def pieces_of(text: str, asked: Asked) -> list[tuple[str, bool]]:
    """The text in pieces, each with whether it is one of the words looked for."""
    pieces, at = [], 0
    for begin, end in places_of(asked, text):
        pieces += [(text[at:begin], False), (text[begin:end], True)]
        at = end
    pieces.append((text[at:], False))
    return [piece for piece in pieces if piece[0]]


def excerpt_among(texts: Iterable[str], asked: Asked) -> str:
    """The surroundings of the first word that is met in the first of these texts that holds one."""
    return next(filter(None, (excerpt_of(text, asked) for text in texts)), "")


def excerpt_of(text: str, asked: Asked, around: int = 80) -> str:
    """The surroundings of the first word that is met, on one line and without marks of Markdown; nothing where
    none is."""
    places = places_of(asked, text[:_MOST_CHARACTERS])
    if not places:
        return ""
    begin, end = max(places[0][0] - around, 0), min(places[0][1] + around, len(text))
    if begin and (space := text.find(" ", begin, places[0][0])) > 0:
        begin = space + 1
    if end < len(text) and (space := text.rfind(" ", places[0][1], end)) > 0:
        end = space
    cut = " ".join(_MARKS.sub("", text[begin:end]).split())
    before, after = "…" if begin else "", "…" if end < len(text) else ""
    return f"{before}{cut.rstrip(' .,;:…') if after else cut}{after}"
