"""What a change of the records does to the version (after Croissant 1.1, and no weaker).

PATCH: the same records, packed or described otherwise. MINOR: records added, all old ones unchanged
and still there. MAJOR: a record edited, removed or moved to another split.
"""

from dataclasses import dataclass

LEVELS = ("patch", "minor", "major")


@dataclass(frozen=True)
class Changes:
    """How many records differ between two releases, by kind of change."""

    added: int = 0
    removed: int = 0
    changed: int = 0
    moved: int = 0
    described: int = 0
    """Records whose content is the same and whose metadata, weight or mixture is not."""


def least_bump(changes: Changes) -> str:
    """The smallest step that tells the truth about `changes`."""
    if changes.removed or changes.changed or changes.moved:
        return "major"
    return "minor" if changes.added else "patch"


def why(changes: Changes) -> str:
    """The reason for `least_bump`, as a sentence."""
    parts = [
        (changes.changed, "edited"),
        (changes.removed, "removed"),
        (changes.moved, "moved to another split"),
    ]
    told = [f"{number} {_records(number)} {verb}" for number, verb in parts if number]
    if told:
        return f"{', '.join(told)}: whoever must reproduce earlier work has to know."
    if changes.added:
        return f"{changes.added} {_records(changes.added)} added, all earlier ones unchanged."
    return "The records are the same."


def _records(number: int) -> str:
    return "record" if number == 1 else "records"


def allows(bump: str, changes: Changes) -> bool:
    """Whether a step of `bump` is large enough."""
    return LEVELS.index(bump) >= LEVELS.index(least_bump(changes))


def following(version: tuple[int, int, int] | None, bump: str) -> tuple[int, int, int]:
    """The version after `version`; the first is 1.0.0 whatever the step."""
    if version is None:
        return (1, 0, 0)
    major, minor, patch = version
    match bump:
        case "major":
            return (major + 1, 0, 0)
        case "minor":
            return (major, minor + 1, 0)
        case _:
            return (major, minor, patch + 1)
