"""What an author adds to the words: which part answers what, sources, where pasted text is from, labels.

The shape of `Assignment.extras`, checked when it is saved:
    coverage  [{"requirement", "field", "start", "end", "quote"} or {"requirement", "why_not"}]
    sources   [{"id", "citation", "link", "quotation", "quote", "start", "end"}]
    pastes    [{"quote", "length", "origin"}]   what the author says about text that was pasted
    note      a text for the reviewers
    reasons   {check: why its warnings stand}   empty where somebody has ticked it and not yet said why
    turns, steps, trajectory                    what each kind of target needs (annotation.targets)
"""

import re
from collections.abc import Mapping
from typing import Any

import orjson

from annotation.errors import LogInvalid

LARGEST = 512 * 1024
LISTS = ("coverage", "sources", "pastes", "turns", "steps")
# The escape itself, not a backslash that somebody wrote before the letters u0000.
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
WEB = ("http://", "https://", "doi:")


def checked_extras(extras: Mapping[str, Any]) -> dict[str, Any]:
    """The extras when their outer shape holds; raises LogInvalid otherwise."""
    try:
        stored = orjson.dumps(extras)
    except (TypeError, ValueError, RecursionError) as problem:
        raise LogInvalid("The sources or marks of this draft cannot be stored.") from problem
    if len(stored) > LARGEST:
        raise LogInvalid("The sources and marks of this draft are too many to be stored.")
    if _NUL.search(stored):
        raise LogInvalid("The sources or marks hold a character that cannot be stored.")
    for name in LISTS:
        rows = extras.get(name, [])
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise LogInvalid(f"The part “{name}” of this draft is broken.")
    reasons = extras.get("reasons", {})
    if not isinstance(reasons, dict) or not all(isinstance(said, str) for said in reasons.values()):
        raise LogInvalid("The part “reasons” of this draft is broken.")
    for source in extras.get("sources", []):
        link = str(source.get("link", ""))
        if link and not link.lower().startswith(WEB):
            raise LogInvalid(
                "A link must begin with https:// or http://.",
                advice="Mend the link of that source.",
            )
    return dict(extras)


def marks_in_code_points(
    fields: Mapping[str, str], extras: Mapping[str, Any]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Coverage and sources as a revision keeps them: positions counted in code points, as checks and
    reviewers count them (the editor counts UTF-16 code units), and quotes read from the text itself."""
    coverage = [_in_code_points(row, fields) for row in extras.get("coverage", [])]
    sources = [_in_code_points(row, fields) for row in extras.get("sources", [])]
    return coverage, sources


def _in_code_points(row: Mapping[str, Any], fields: Mapping[str, str]) -> dict[str, Any]:
    text = fields.get(str(row.get("field", "response")), "")
    start, end = row.get("start"), row.get("end")
    if not isinstance(start, int) or not isinstance(end, int) or not 0 <= start <= end:
        return dict(row)
    units = text.encode("utf-16-le", "surrogatepass")
    before = len(units[: start * 2].decode("utf-16-le", "replace"))
    quote = units[start * 2 : end * 2].decode("utf-16-le", "replace")
    return dict(row) | {"start": before, "end": before + len(quote), "quote": quote[:2000]}
