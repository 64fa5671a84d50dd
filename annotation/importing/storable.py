"""What no database holds or no page can show is refused before it is stored."""

import re

import orjson

from annotation.importing.draft import Draft
from annotation.importing.rows import RowRefused

LONGEST_TEXT = 400_000
LARGEST_DRAFT = 2 << 20
# The escape itself, not a backslash that somebody wrote before the letters u0000.
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


def require_storable(draft: Draft) -> None:
    """Refuse what the database cannot hold or no page can show, naming the place."""
    for place, value in (
        ("instruction", draft.messages), ("evidence", draft.evidence),
        ("attachments", draft.attachments), ("requirements", draft.requirements),
        ("tools", draft.tools), ("source", draft.source), ("rights", draft.rights), ("tags", draft.tags),
        ("target_schema", draft.target_schema), ("external_id", draft.external_id), ("task_type", draft.task_type),
    ):  # fmt: skip
        if not value:
            continue
        try:
            stored = orjson.dumps(value)
        except (TypeError, ValueError, RecursionError) as problem:
            raise RowRefused(place, _why_unstorable(str(problem)), value) from problem
        if b"\\u0000" in stored and _NUL.search(stored):
            raise RowRefused(
                place, "A NUL character stands in this text; no text holds one.", value
            )
        if len(stored) > LARGEST_DRAFT:
            raise RowRefused(place, "This is larger than 2 MB.", value)
    longest = max(len(message["content"]) for message in draft.messages)
    if longest > LONGEST_TEXT:
        raise RowRefused(
            "instruction", f"This text has {longest:,} characters; {LONGEST_TEXT:,} can be shown."
        )


def _why_unstorable(problem: str) -> str:
    if "surrogate" in problem:
        return "Here stands a byte that is not of the file's encoding, or half of a character."
    if "ecursion" in problem:
        return "This is nested too deeply."
    return "This value cannot be stored as text."
