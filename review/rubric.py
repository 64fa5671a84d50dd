"""The criteria one review is done under: the project's own, or the stage's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from review.stages import Criterion, Stage


@dataclass(frozen=True)
class Rubric:
    """`version` says where the criteria come from: "project/3" or "expert/1"."""

    version: str
    criteria: Sequence[Criterion]


def rubric_of(stage: Stage, *, rubrics: Mapping[str, Any], project_version: int) -> Rubric:
    """The rubric of `stage` in a project version: its own criteria for the stage, else the stage's."""
    own = (rubrics.get(stage.slug) or {}).get("criteria") or ()
    if not own:
        return Rubric(f"{stage.slug}/{stage.rubric_version}", stage.criteria)
    return Rubric(f"project/{project_version}", [_criterion(each) for each in own])


def _criterion(data: Mapping[str, Any]) -> Criterion:
    anchors = data.get("anchors") or {}
    return Criterion(
        id=str(data["id"]),
        label=str(data.get("label") or data["id"]),
        anchors={mark: str(anchors.get(mark, "")) for mark in ("pass", "fix", "fail")},
        canned=tuple(map(str, data.get("canned", ()))),
    )
