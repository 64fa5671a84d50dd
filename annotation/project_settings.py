"""Switches and limits of a project, with their defaults: the one list of what may be set."""

from dataclasses import dataclass
from typing import Any

from annotation.models import ProjectVersion

DEFAULTS: dict[str, Any] = {
    # Largest share of characters that a repair of form alone may touch before the expert looks again.
    "form_repair_limit": 0.10,
    # Whether a flag in the writing evidence must be answered in words before approval.
    "answer_evidence_flags": False,
    # How long a reviewer keeps a review that they do not touch.
    "review_lease_minutes": 60,
    # Seconds in which a verdict can be undone; it is recorded sooner when somebody waits for it. 0: at once.
    "undo_seconds": 10,
    # One in so many reviews is a calibration item, while there are items the reviewer has not seen. 0: none.
    "calibration_one_in": 20,
    # Reviews a person gives before the first calibration item is mixed in.
    "calibration_after": 10,
    # Share of all-green format items that must be looked at one by one; the rest may pass together.
    "bulk_sample": 0.2,
    # How many tasks one person writes at once, starts a day, and writes in all. None: no limit.
    "live_tasks_per_person": 5,
    "tasks_per_person_a_day": None,
    "tasks_per_person": None,
    # {path of a domain: responses wanted}. A field that has reached its quota comes after the others.
    "domain_quotas": {},
    # Imported instructions that name no field of expertise belong to this one (a path; "": they are refused).
    "default_domain": "",
    # Whether this project's texts are held against those of other projects that allow it too. Its people
    # are told that a text is known and how much of it, never the text.
    "compare_with_others": False,
    # The language of imported instructions that name none.
    "default_language": "en",
}


def setting(version: ProjectVersion, name: str) -> Any:
    """The value of one setting in this version of the project, or its default."""
    return version.settings.get(name, DEFAULTS[name])


@dataclass(frozen=True)
class Band:
    """A two-sided length in words; `high` is None where there is no upper end."""

    low: int
    high: int | None
    top: int


def length_band(version: ProjectVersion) -> Band | None:
    """The length the project asks for, or None when it asks for none."""
    words = version.format_spec.get("length", {}).get("words", {})
    low, high = words.get("min", 0), words.get("max")
    if not low and not high:
        return None
    return Band(low, high, round((high or low * 2) * 1.25))
