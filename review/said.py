"""What reviewers said of a response, as its author reads it: reasons, marks, comments; never names."""

from collections.abc import Sequence
from dataclasses import dataclass

from annotation.enums import TaskState
from annotation.models import Task
from experts.models import User
from lib.errors import NotAllowed
from review.enums import Mark, Verdict
from review.models import Appeal, Review
from review.rubric import rubric_of
from review.services.appeal import OPEN_TO_APPEAL
from review.stages import by_slug
from review.threads import Thread, threads_of

TOLD = [Verdict.REQUEST_CHANGES, Verdict.REJECT, Verdict.ESCALATE]


@dataclass(frozen=True)
class Reason:
    """One verdict in words: the stage it came from, what was amiss, and what should change."""

    review: Review
    stage: str
    points: Sequence[tuple[str, str, str, str]]


@dataclass(frozen=True)
class Said:
    """All that is said to the author about a task now."""

    task: Task
    reasons: Sequence[Reason]
    threads: Sequence[Thread]
    appeal: Appeal | None
    can_appeal: bool
    can_answer: bool

    @property
    def waits_for_answer(self) -> bool:
        """Whether a suggested edit is neither taken over nor left."""
        lines = [thread.top.comment for thread in self.threads]
        return any(line.suggestion is not None and not line.answer for line in lines)


def said_to_author(person: User, task_id: int) -> Said:
    """What the reviewers say to the author of a task; raises NotAllowed for anybody else."""
    task = Task.objects.select_related("current_revision").filter(pk=task_id, author=person).first()
    if task is None:
        raise NotAllowed("Only the author reads what reviewers say here.")
    revision = task.current_revision
    reviews = (
        Review.objects.filter(task=task, revision=revision, verdict__in=TOLD)
        .select_related("project_version")
        .order_by("id")
    )
    appeal = Appeal.objects.filter(revision=revision).first()
    return Said(
        task=task,
        reasons=[reason_of(review) for review in reviews],
        threads=threads_of(task, text=_text_now(task, person), viewer=person),
        appeal=appeal,
        can_appeal=appeal is None and task.state in OPEN_TO_APPEAL,
        can_answer=task.state == TaskState.WRITING,
    )


def _text_now(task: Task, person: User) -> str:
    """The draft while it is being written, else what was handed in."""
    draft = task.assignments.filter(expert=person).first()
    if draft is not None and task.state == TaskState.WRITING:
        return "\n\n".join(draft.fields.values())
    return task.current_revision.text if task.current_revision else ""


def reason_of(review: Review) -> Reason:
    """A verdict in words: its note, and what was marked as amiss."""
    stage = by_slug(review.stage)
    rubric = rubric_of(
        stage, rubrics=review.project_version.rubrics, project_version=review.project_version.number
    )
    points = [
        (
            criterion.label,
            str(Mark(mark["mark"]).label),
            mark.get("reason", ""),
            mark.get("severity", ""),
        )
        for criterion in rubric.criteria
        if (mark := review.criteria.get(criterion.id)) and mark.get("mark") in {Mark.FIX, Mark.FAIL}
    ]
    return Reason(review, stage.title, points)
