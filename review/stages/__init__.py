"""The pipeline's steps: one file each, one line here."""

from review.stages import adjudication, expert, format  # noqa: A004  (the stage is called so)
from review.stages.types import Criterion, Stage

PIPELINE: tuple[Stage, ...] = (expert.STAGE, format.STAGE, adjudication.STAGE)

__all__ = ["PIPELINE", "Criterion", "Stage", "by_slug", "in_state"]


def by_slug(slug: str) -> Stage:
    """The stage called `slug`; KeyError when there is none."""
    return {stage.slug: stage for stage in PIPELINE}[slug]


def in_state(state: str) -> list[Stage]:
    """The stages whose reviews happen while a task is in `state`, in list order."""
    return [stage for stage in PIPELINE if stage.state == state]
