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
    covers_requirements=True,
    shows_checks_first=True,
    purpose="Does it follow the format, answer each requirement, and stop where it should?",
    criteria=(
        Criterion(
            "format",
            "Format",
            {
                "pass": "It follows the project's format throughout.",
                "fix": "Small departures that a minute mends.",
                "fail": "Another format than the one asked for.",
            },
            canned=(
                "Headings or lists depart from the format.",
                "Markdown is broken.",
                "The required structure is missing.",
            ),
        ),
        Criterion(
            "length",
            "Length",
            {
                "pass": "As long as the question needs.",
                "fix": "Somewhat padded or somewhat thin.",
                "fail": "Padding hides the answer, or the answer is cut.",
            },
            canned=(
                "It repeats itself.",
                "It is too thin for the question.",
                "It restates the question before answering.",
            ),
        ),
        Criterion(
            "coverage",
            "Instruction coverage",
            {
                "pass": "Each requirement is answered.",
                "fix": "A requirement is answered only in part.",
                "fail": "A requirement is passed over.",
            },
            canned=(
                "A requirement is passed over.",
                "A constraint is not kept.",
            ),
        ),
        Criterion(
            "tone",
            "Tone",
            {
                "pass": "Plain and direct; no flattery, no filler.",
                "fix": "A phrase or two of filler.",
                "fail": "It flatters, agrees to please or lectures.",
            },
            canned=(
                "It flatters the person who asks.",
                "It pads with filler phrases.",
                "It agrees to please.",
            ),
        ),
    ),
    outcomes={
        Verdict.APPROVE: "approve",
        Verdict.REQUEST_CHANGES: "request_changes",
        Verdict.REJECT: "reject",
        Verdict.ESCALATE: "escalate",
    },
    agreed=unanimous,
)
