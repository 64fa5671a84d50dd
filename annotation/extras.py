"""What an author adds to the words: which part answers what, sources, where pasted text is from, labels.

The shape of `Assignment.extras`, checked when it is saved:
    coverage  [{"requirement", "field", "start", "end", "quote"} or {"requirement", "why_not"}]
    sources   [{"id", "citation", "link", "quotation", "quote", "start", "end"}]
    pastes    [{"quote", "length", "origin"}]   what the author says about text that was pasted
    note      a text for the reviewers
    turns, steps, trajectory                    what each kind of target needs (annotation.targets)
"""

from collections.abc import Mapping
from typing import Any

import orjson

from annotation.errors import LogInvalid

LARGEST = 512 * 1024
LISTS = ("coverage", "sources", "pastes", "turns", "steps")
WEB = ("http://", "https://", "doi:")


def checked_extras(extras: Mapping[str, Any]) -> dict[str, Any]:
    """The extras when their outer shape holds; raises LogInvalid otherwise."""
    if len(orjson.dumps(extras)) > LARGEST:
        raise LogInvalid("The sources and marks of this draft are too many to be stored.")
    for name in LISTS:
        rows = extras.get(name, [])
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise LogInvalid(f"The part “{name}” of this draft is broken.")
    for source in extras.get("sources", []):
        link = str(source.get("link", ""))
        if link and not link.lower().startswith(WEB):
            raise LogInvalid(
                "A link must begin with https:// or http://.", advice="Mend the link of that source."
            )
    return dict(extras)
