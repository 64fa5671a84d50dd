"""A third person settles a disagreement, an appeal or an escalation."""

from annotation.enums import TaskState
from experts.enums import Role
from review.enums import StageSlug, Verdict
from review.stages.types import Criterion, Stage, unanimous

STAGE = Stage(
    slug=StageSlug.ADJUDICATION,
    title="Adjudication",
    state=TaskState.ADJUDICATION,
    role=Role.LEAD,
    blind=True,
    needs_credential=False,
    criteria=(
        Criterion("decision", "Decision", {
            "pass": "The response stands.",
            "fix": "It stands once the named points are mended.",
            "fail": "It does not stand.",
        }),
    ),
    outcomes={
        Verdict.APPROVE: "approve",
        Verdict.REQUEST_CHANGES: "request_changes",
        Verdict.REJECT: "reject",
    },
    agreed=unanimous,
)
