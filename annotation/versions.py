"""The versions of a draft, out of its writing log: listed, compared."""

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from annotation.provenance import Batch
from annotation.writing_log import Pages
from checks.text import count_words

PAUSE = timedelta(seconds=60)
BEGINNING = 80
MOST = 200
CONTEXT = 160  # characters kept around a change
_WORDS = re.compile(r"\s+|\w+|[^\w\s]")


@dataclass(frozen=True)
class Version:
    """One state worth going back to."""

    sequence: int
    at: datetime
    words: int
    label: str
    begins: str


def versions_of(batches: Sequence[tuple[int, Batch]]) -> list[Version]:
    """Newest first: the state before each pause of a minute, each version kept on purpose, each joining
    and restoring, and the newest."""
    pages = Pages()
    found: list[Version] = []
    for number, (sequence, batch) in enumerate(batches):
        kinds = {edit.kind for edit in batch.edits}
        for edit in batch.edits:
            pages.apply(edit)
        following = batches[number + 1][1] if number + 1 < len(batches) else None
        pause = following is None or following.received_at - batch.received_at > PAUSE
        label = _label(kinds)
        if pause or label:
            texts = [text for text in pages.texts().values() if text]
            text = "\n".join(texts)
            found.append(
                Version(sequence, batch.received_at, count_words(text), label, _beginning(text))
            )
    return found[::-1][:MOST]


def _label(kinds: set[str]) -> str:
    if "kept" in kinds:
        return "kept on purpose"
    if "restored" in kinds:
        return "an earlier version brought back"
    return ""


def changes_between(before: Mapping[str, str], after: Mapping[str, str]) -> list[tuple[str, str]]:
    """(kind, text) parts as components/diff.html shows them: from one version's texts to another's."""
    old, new = "\n\n".join(before.values()), "\n\n".join(after.values())
    left, right = _WORDS.findall(old), _WORDS.findall(new)
    if len(left) + len(right) > 20_000:
        left, right = old.splitlines(keepends=True), new.splitlines(keepends=True)
    parts: list[tuple[str, str]] = []
    for kind, a, b, c, d in difflib.SequenceMatcher(
        None, left, right, autojunk=False
    ).get_opcodes():
        if kind == "equal":
            parts.append(("same", _shortened("".join(left[a:b]))))
        else:
            parts += [("removed", "".join(left[a:b]))] if b > a else []
            parts += [("added", "".join(right[c:d]))] if d > c else []
    return parts


def _shortened(text: str) -> str:
    return text if len(text) <= 3 * CONTEXT else f"{text[:CONTEXT]} … {text[-CONTEXT:]}"


def _beginning(text: str) -> str:
    return text if len(text) <= BEGINNING else f"{text[:BEGINNING]}…"
