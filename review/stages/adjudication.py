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
    names_cause=True,
    purpose="Both sides are before you, without names. Decide, say what lay behind it, and why.",
    criteria=(
        Criterion(
            "decision",
            "Decision",
            {
                "pass": "The response stands.",
                "fix": "It stands once the named points are mended.",
                "fail": "It does not stand.",
            },
        ),
    ),
    outcomes={
        # What an expert's disagreement brought here still has its format review before it.
        Verdict.APPROVE: "pass_expert",
        Verdict.REQUEST_CHANGES: "request_changes",
        Verdict.REJECT: "reject",
    },
    outcomes_after={(Verdict.APPROVE, StageSlug.FORMAT): "approve"},
    agreed=unanimous,
)
