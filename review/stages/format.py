"""An ML reviewer checks format, length and coverage of the instruction."""

from annotation.enums import TaskState
from experts.enums import Role
from review.enums import StageSlug, Verdict
from review.stages.types import Criterion, Stage, unanimous

STAGE = Stage(
    slug=StageSlug.FORMAT,
    title="Format review",
    state=TaskState.FORMAT_REVIEW,
    role=Role.FORMAT,
    blind=True,
    needs_credential=False,
    criteria=(
        Criterion("format", "Format", {
            "pass": "It follows the project's format throughout.",
            "fix": "Small departures that a minute mends.",
            "fail": "Another format than the one asked for.",
        }),
        Criterion("length", "Length", {
            "pass": "As long as the question needs.",
            "fix": "Somewhat padded or somewhat thin.",
            "fail": "Padding hides the answer, or the answer is cut.",
        }),
        Criterion("coverage", "Instruction coverage", {
            "pass": "Each requirement is answered.",
            "fix": "A requirement is answered only in part.",
            "fail": "A requirement is passed over.",
        }),
        Criterion("tone", "Tone", {
            "pass": "Plain and direct; no flattery, no filler.",
            "fix": "A phrase or two of filler.",
            "fail": "It flatters, agrees to please or lectures.",
        }),
    ),
    outcomes={
        Verdict.APPROVE: "approve",
        Verdict.REQUEST_CHANGES: "request_changes",
        Verdict.REJECT: "reject",
        Verdict.ESCALATE: "escalate",
    },
    agreed=unanimous,
)
