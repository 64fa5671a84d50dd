"""Whether a change touched form only: decides if the expert has to look again."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from rapidfuzz.distance import Levenshtein

# A sign before a figure belongs to it ("-5" is not "5"); before a word it is a list mark or a dash.
_LEADING = re.compile(r"^[-+.,:/=]+(?!\d)")
_SIGNS = "%<>≤≥±×÷−"  # noqa: RUF001  (the signs of figures themselves)
_MARKS = re.compile(r"[^\w%+\-−=<>≤≥±×÷/.,:]+")  # noqa: RUF001  (minus and times are the signs meant)


def meaning(text: str) -> list[str]:
    """The words and figures of a text without Markdown, letter case and spacing.

    Signs that carry meaning in figures (minus, comparison, decimal point) stay.
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    words = (_LEADING.sub("", word).rstrip("-.,:/=+") for word in _MARKS.sub(" ", folded).split())
    return [word for word in words if any(ch.isalnum() or ch in _SIGNS for ch in word)]


def _words(target: Mapping[str, Any]) -> str:
    messages = target.get("messages", [])
    return "\n\n".join(str(message.get("content") or "") for message in messages)


def is_form_only(before: Mapping[str, Any], after: Mapping[str, Any], *, limit: float) -> bool:
    """True when no word and no figure changed and at most `limit` of the characters did."""
    if before.get("kind") != after.get("kind") or before.get("kind") not in {"text", "messages"}:
        return before == after
    old, new = _words(before), _words(after)
    if meaning(old) != meaning(new):
        return False
    return Levenshtein.normalized_distance(old, new) <= limit
