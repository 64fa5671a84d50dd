"""The writing evidence in words: what was recorded, and what a person should ask about."""

from collections.abc import Mapping
from typing import Any

from annotation.provenance import readings


def flags_of(summary: Mapping[str, Any]) -> list[str]:
    """What in a revision's `log_summary` is worth a question, as sentences. It informs, it never decides."""
    if not summary.get("notices"):
        return []
    return [
        f"{reading.name.lower()} {reading.value}" for reading in readings(summary) if reading.ask
    ]
