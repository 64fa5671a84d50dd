"""CHANGELOG.md: every version of the data set up to this one, newest first."""

from typing import Any

from exports.papers.facts import Facts

_HEADINGS = (
    ("added", "Added"),
    ("changed", "Changed"),
    ("moved", "Moved to another split"),
    ("described", "Described differently"),
)


def changelog(facts: Facts) -> bytes:
    """The whole file."""
    now = {
        "version": facts["version"],
        "cut_on": facts["cut_on"],
        "changes": facts["changes"],
        "removed": facts["removed"],
        "withdrawn": "",
    }
    sections = [
        "# Changelog",
        "Versions follow the records: MAJOR where a record was edited, removed or "
        "moved between splits, MINOR where records were added, PATCH where they are the same.",
    ]
    for entry in [now, *facts["history"]]:
        sections += _section(entry)
    return ("\n\n".join(sections) + "\n").encode()


def _section(entry: dict[str, Any]) -> list[str]:
    parts = [f"## {entry['version']} ({entry['cut_on']})"]
    if entry["withdrawn"]:
        parts.append(f"This version was withdrawn: {entry['withdrawn']}.")
    changes = entry["changes"]
    for kind, heading in _HEADINGS:
        if changes.get(kind):
            parts += [f"### {heading}", f"- {_records(changes[kind])}"]
    removed = entry["removed"]
    plain = {reason: n for reason, n in removed.items() if reason == "policy"}
    gone = {reason: n for reason, n in removed.items() if reason != "policy"}
    if plain:
        parts += ["### Removed", f"- {_records(plain['policy'])}, no longer in the selection"]
    if gone:
        parts += [
            "### Withdrawn",
            "\n".join(f"- {_records(n)}: {reason}" for reason, n in sorted(gone.items())),
        ]
    if len(parts) == 1:
        parts.append("The records are the same.")
    return parts


def _records(number: int) -> str:
    return f"{number:,} {'record' if number == 1 else 'records'}"
