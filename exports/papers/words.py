"""Small pieces of Markdown that papers share."""

from collections.abc import Mapping, Sequence
from typing import Any


def bullets(items: Sequence[str]) -> str:
    """A list."""
    return "\n".join(f"- {item}" for item in items)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table; a bar inside a cell is escaped."""
    lines = [list(head), ["---"] * len(head), *rows]
    return "\n".join(
        "| " + " | ".join(str(c).replace("|", "\\|") for c in cells) + " |" for cells in lines
    )


def code(text: str) -> str:
    """A word as code."""
    return f"`{text}`"


def change_words(changes: Mapping[str, int], previous: Mapping[str, Any] | None) -> str:
    """What changed, as a sentence and a list."""
    if previous is None:
        return "This is the first version."
    told = {
        "added": "added",
        "changed": "edited",
        "removed": "removed",
        "moved": "moved to another split",
        "described": "with other metadata, weight or mixture, content unchanged",
    }
    parts = [f"{changes[kind]:,} {words}" for kind, words in told.items() if changes.get(kind)]
    since = f"Since version {previous['version']}"
    return f"{since}: {', '.join(parts)}." if parts else f"{since}: the records are the same."
