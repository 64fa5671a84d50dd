"""What a stage of the pipeline is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from annotation.enums import TaskState
from experts.enums import Role
from review.enums import Verdict


@dataclass(frozen=True)
class Criterion:
    """One thing a reviewer judges.

    `anchors` say in words what pass, fix and fail look like; `canned` are reasons to choose from.
    """

    id: str
    label: str
    anchors: Mapping[str, str]
    canned: Sequence[str] = ()


@dataclass(frozen=True)
class Stage:
    """One step: who sits, what they judge, and which move their verdicts make.

    `state` is the task state in which the stage takes place; stages that share one follow each other in
    the order of the project's pipeline. `blind` hides the author until the verdict; `needs_credential`
    asks for a credential valid at that moment in the task's domain; `outcomes` maps the joint verdict to
    a verb of the task machine, `outcomes_after` does so where the stage that was left matters; `agreed`
    turns the verdicts of all seats into one. `rubric_version` goes up when a criterion changes.
    `covers_requirements` has each requirement marked, `checks_sources` each source; `names_cause` wants
    words and what lay behind a dispute with every verdict.
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
    purpose: str = ""
    rubric_version: int = 1
    covers_requirements: bool = False
    shows_checks_first: bool = False
    checks_sources: bool = False
    names_cause: bool = False
    outcomes_after: Mapping[tuple[Verdict, str], str] = field(default_factory=dict)

    def verb(self, verdict: Verdict, came_from: str = "") -> str:
        """The verb of the task machine for a joint verdict; `came_from` is the stage before this one."""
        return self.outcomes_after.get((verdict, came_from), self.outcomes[verdict])


class Agreement(Protocol):
    """Joins the verdicts of a stage's seats."""

    def __call__(self, verdicts: Sequence[Verdict], /) -> Verdict: ...


def unanimous(verdicts: Sequence[Verdict], /) -> Verdict:
    """The verdict when all agree; people who differ go to a third person."""
    return verdicts[0] if len(set(verdicts)) == 1 else Verdict.ESCALATE
