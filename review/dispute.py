"""What brought a response before a third person: the verdicts of each stage, and the author's appeal."""

from collections.abc import Sequence
from dataclasses import dataclass

from review.enums import Verdict
from review.merging import Point, merged
from review.models import Appeal, Review, Seat
from review.rubric import rubric_of
from review.stages import by_slug


@dataclass(frozen=True)
class Dispute:
    """The sides without names. `points` are the criteria of the stage that disagreed, merged beforehand."""

    title: str
    sides: Sequence[Review]
    points: Sequence[Point]
    appeal: Appeal | None


def dispute_over(seat: Seat) -> Dispute | None:
    """The dispute that an adjudication seat settles; None where nothing was said yet."""
    reviews = list(
        Review.objects.filter(task=seat.task_id, revision=seat.revision)
        .exclude(verdict=Verdict.RECUSE)
        .exclude(stage=seat.stage)
        .select_related("project_version")
        .order_by("id")
    )
    if not reviews:
        return None
    last = reviews[-1]
    stage, version = by_slug(last.stage), last.project_version
    rubric = rubric_of(stage, rubrics=version.rubrics, project_version=version.number)
    sides = [review for review in reviews if review.stage == last.stage]
    return Dispute(
        title=stage.title,
        sides=reviews,
        points=merged(sides, rubric),
        appeal=Appeal.objects.filter(revision=seat.revision).first(),
    )
