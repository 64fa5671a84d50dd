"""The writing evidence in words: what was recorded, and which facts a person should look at."""

from collections.abc import Mapping
from typing import Any


def flags_of(summary: Mapping[str, Any]) -> list[str]:
    """The notices in a revision's `log_summary`, as sentences. A flag informs people, it never decides."""
    flags = summary.get("flags") or summary.get("notices") or []
    return [str(flag.get("message") or flag.get("text") or "") if isinstance(flag, Mapping) else str(flag)
            for flag in flags]
