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
    """The sides, each under a title instead of a name. `points` are the criteria of the stage that
    disagreed, merged beforehand."""

    title: str
    sides: Sequence[tuple[str, Review]]
    points: Sequence[Point]
    appeal: Appeal | None

    @property
    def unsettled(self) -> list[Point]:
        """What is left to read."""
        return [point for point in self.points if not point.is_settled]

    @property
    def settled(self) -> list[Point]:
        """What all said alike."""
        return [point for point in self.points if point.is_settled]


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
        sides=[(_title_of(review, reviews), review) for review in reviews],
        points=merged(sides, rubric),
        appeal=Appeal.objects.filter(revision=seat.revision).first(),
    )


def titles_of(task_id: int) -> dict[int, str]:
    """What a third person reads in place of each reviewer's name, by the reviewer's key."""
    given = list(Review.objects.filter(task=task_id).exclude(verdict=Verdict.RECUSE).order_by("id"))
    return {review.reviewer_id: _title_of(review, given) for review in given}


def _title_of(review: Review, beside: Sequence[Review]) -> str:
    """“Expert reviewer”, with a number where the stage has more than one."""
    several = any(each.stage == review.stage and each.number > 1 for each in beside)
    title = f"{review.stage.replace('_', ' ').capitalize()} reviewer"
    return f"{title} {review.number}" if several else title
