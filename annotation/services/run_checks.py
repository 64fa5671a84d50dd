"""The one way to the checks from the writing side: editor, submission, review and import use it."""

from collections.abc import Mapping, Sequence
from typing import Any

from annotation.models import Finding, Instruction, ProjectVersion, Task


def findings_for(
    *,
    instruction: Instruction,
    target: Mapping[str, Any],
    project_version: ProjectVersion,
    coverage: Sequence[Mapping[str, Any]] = (),
    task: Task | None = None,
) -> list[Finding]:
    """Unsaved findings of every check the project uses over one target."""
    return []
