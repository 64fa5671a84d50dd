"""What a stage of the pipeline is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from annotation.enums import TaskState
from experts.enums import Role
from review.enums import Verdict


@dataclass(frozen=True)
class Criterion:
    """One thing a reviewer judges; `anchors` say in words what pass, fix and fail look like."""

    id: str
    label: str
    anchors: Mapping[str, str]


@dataclass(frozen=True)
class Stage:
    """One step: who sits, what they judge, and which move their verdicts make.

    `blind` hides the author until the verdict; `needs_credential` asks for a credential valid at that
    moment in the task's domain; `outcomes` maps the joint verdict to a verb of the task machine;
    `agreed` turns the verdicts of all seats into one.
    """

    slug: str
    title: str
    state: TaskState
    role: Role
    blind: bool
    needs_credential: bool
    criteria: Sequence[Criterion]
    outcomes: Mapping[Verdict, str]
    agreed: "Agreement"


class Agreement(Protocol):
    """Joins the verdicts of a stage's seats."""

    def __call__(self, verdicts: Sequence[Verdict], /) -> Verdict: ...


def unanimous(verdicts: Sequence[Verdict], /) -> Verdict:
    """The verdict when all agree; people who differ go to a third person."""
    return verdicts[0] if len(set(verdicts)) == 1 else Verdict.ESCALATE
