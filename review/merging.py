"""Two or more verdicts on one revision, side by side: what they agree on is merged, the rest stands open."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from review.rubric import Rubric


class Side(Protocol):
    """What is needed of a verdict here."""

    criteria: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Point:
    """One criterion. `agreed` is the mark all gave, or empty; `marks` what each side said, in their order."""

    id: str
    label: str
    agreed: str
    marks: Sequence[Mapping[str, Any]]

    @property
    def differs(self) -> bool:
        """Whether two sides gave different marks; a mark that somebody left open contradicts none."""
        return len({mark["mark"] for mark in self.marks if mark.get("mark")}) > 1

    @property
    def is_settled(self) -> bool:
        """Whether all said the same and nobody more: nothing is left to read."""
        return bool(self.agreed) and not any(mark.get("reason") for mark in self.marks)


def merged(sides: Sequence[Side], rubric: Rubric) -> list[Point]:
    """The criteria that at least one side marked: where they differ, what one left open, what all agree on."""
    points = [
        _point(
            criterion.id, criterion.label, [side.criteria.get(criterion.id) or {} for side in sides]
        )
        for criterion in rubric.criteria
    ]
    return sorted(
        (point for point in points if any(point.marks)),
        key=lambda point: (bool(point.agreed), not point.differs),
    )


def _point(name: str, label: str, marks: Sequence[Mapping[str, Any]]) -> Point:
    given = {str(mark["mark"]) for mark in marks if mark.get("mark")}
    unanimous = len(given) == 1 and all(mark.get("mark") for mark in marks)
    return Point(name, label, given.pop() if unanimous else "", marks)
