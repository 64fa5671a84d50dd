"""Switches and limits of a project, with their defaults: the one list of what may be set."""

from typing import Any

from annotation.models import ProjectVersion

DEFAULTS: dict[str, Any] = {
    # Largest share of characters that a repair of form alone may touch before the expert looks again.
    "form_repair_limit": 0.10,
    # Whether a flag in the writing evidence must be answered in words before approval.
    "answer_evidence_flags": False,
    # Whether a review seat that lapsed is offered to others at once.
    "review_lease_minutes": 60,
}


def setting(version: ProjectVersion, name: str) -> Any:
    """The value of one setting in this version of the project, or its default."""
    return version.settings.get(name, DEFAULTS[name])
