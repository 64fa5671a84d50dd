"""The criteria one review is done under: the project's own, or the stage's."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from review.stages import Criterion, Stage

MARKS = ("pass", "fix", "fail")
MOST_CRITERIA = 12
LONGEST_NAME = 60


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
        anchors={mark: str(anchors.get(mark, "")) for mark in MARKS},
        canned=tuple(map(str, data.get("canned", ()))),
    )


def as_text(criteria: Sequence[Criterion]) -> str:
    """Criteria as a person writes them down; `criteria_in` reads them back."""
    return "\n\n".join(
        "\n".join(
            [
                criterion.label,
                *(f"{mark}: {criterion.anchors[mark]}" for mark in MARKS),
                *(f"- {words}" for words in criterion.canned),
            ]
        )
        for criterion in criteria
    )


def criteria_in(text: str, *, before: Sequence[Criterion]) -> list[dict[str, Any]]:
    """The criteria of a project version in what a person wrote; ValueError says in words what is amiss.

    A criterion that keeps the name it had `before` keeps its id, and with it what was said under it.
    """
    ids = {criterion.label: criterion.id for criterion in before}
    blocks = [block for block in re.split(r"\n\s*\n", text.replace("\r\n", "\n")) if block.strip()]
    if not 1 <= len(blocks) <= MOST_CRITERIA:
        message = f"A stage has between one and {MOST_CRITERIA} criteria."
        raise ValueError(message)
    found = [_written(block.strip().splitlines(), ids) for block in blocks]
    names = [criterion["id"] for criterion in found]
    if twice := next((each["label"] for each in found if names.count(each["id"]) > 1), ""):
        message = f"Two criteria are called “{twice}”."
        raise ValueError(message)
    return found


def _written(lines: Sequence[str], ids: Mapping[str, str]) -> dict[str, Any]:
    """One criterion: its name, the lines of its marks, its reasons."""
    label = lines[0].strip()
    made: dict[str, Any] = {"id": ids.get(label) or _id_of(label), "label": label}
    anchors: dict[str, str] = {}
    canned: list[str] = []
    for line in map(str.strip, lines[1:]):
        mark, _, words = line.partition(":")
        if mark.lower() in MARKS and words.strip():
            anchors[mark.lower()] = words.strip()
        elif line.startswith("-") and line[1:].strip():
            canned.append(line[1:].strip())
        else:
            message = f"“{label}”: the line “{line}” begins neither with pass:, fix:, fail: nor with a dash."
            raise ValueError(message)
    missing = [mark for mark in MARKS if mark not in anchors]
    if missing or not made["id"] or len(label) > LONGEST_NAME:
        message = (
            f"“{label}” says nothing of {', '.join(missing)}."
            if missing
            else f"“{label}” is no name."
        )
        raise ValueError(message)
    return made | {"anchors": anchors} | ({"canned": canned} if canned else {})


def _id_of(label: str) -> str:
    return re.sub(r"\W+", "_", label.lower()).strip("_")[:LONGEST_NAME]
