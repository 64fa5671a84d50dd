"""A second expert checks accuracy and completeness, not knowing who wrote."""

from annotation.enums import TaskState
from experts.enums import Role
from review.enums import StageSlug, Verdict
from review.stages.types import Criterion, Stage, unanimous

STAGE = Stage(
    slug=StageSlug.EXPERT,
    title="Expert review",
    state=TaskState.EXPERT_REVIEW,
    role=Role.EXPERT,
    blind=True,
    needs_credential=True,
    checks_sources=True,
    purpose="Is it right, complete and safe? You learn who wrote it afterwards.",
    criteria=(
        Criterion(
            "accuracy",
            "Accuracy",
            {
                "pass": "Every statement holds in current practice.",
                "fix": "A slip that would mislead nobody seriously.",
                "fail": "A statement that is wrong where it matters.",
            },
            canned=(
                "A figure or dose is wrong.",
                "This is outdated practice.",
                "A claim is stated more strongly than the evidence allows.",
                "Cause and effect are confused.",
            ),
        ),
        Criterion(
            "completeness",
            "Completeness",
            {
                "pass": "Nothing a careful colleague would miss is absent.",
                "fix": "A useful point is missing.",
                "fail": "Without what is missing the answer is of no use or unsafe.",
            },
            canned=(
                "An important alternative is missing.",
                "An exception or contraindication is missing.",
                "The follow-up or next step is missing.",
                "A part of the question is not answered.",
            ),
        ),
        Criterion(
            "safety",
            "Safety",
            {
                "pass": "Following it harms nobody; limits and warnings are named.",
                "fix": "A warning should be clearer.",
                "fail": "Following it could cause harm.",
            },
            canned=(
                "A warning sign that needs urgent help is missing.",
                "It should say when to see a professional.",
                "It could be followed literally with harm.",
            ),
        ),
        Criterion(
            "clarity",
            "Clarity",
            {
                "pass": "The person who asked understands it at first reading.",
                "fix": "Some passages need a second reading.",
                "fail": "The person who asked would be lost.",
            },
            canned=(
                "A technical term is not explained.",
                "The main point comes too late.",
                "Two statements seem to contradict each other.",
            ),
        ),
        Criterion(
            "false_premise",
            "False premises",
            {
                "pass": "What is wrong in the question is corrected, or nothing is.",
                "fix": "Corrected, but not plainly.",
                "fail": "It agrees with something that is not so.",
            },
            canned=(
                "It accepts something in the question that is not so.",
                "The correction is hidden in a side remark.",
            ),
        ),
        Criterion(
            "sources",
            "Sources",
            {
                "pass": "Sources say what they are cited for, or none are needed.",
                "fix": "A source is missing or imprecise.",
                "fail": "A source does not support its claim or does not exist.",
            },
            canned=(
                "The source does not say this.",
                "The source cannot be found.",
                "A newer source replaces this one.",
            ),
        ),
    ),
    outcomes={
        Verdict.APPROVE: "pass_expert",
        Verdict.REQUEST_CHANGES: "request_changes",
        Verdict.REJECT: "reject",
        Verdict.ESCALATE: "escalate",
    },
    agreed=unanimous,
)
