"""The pipeline's steps: one file each, one line here."""

from review.stages import adjudication, expert, format
from review.stages.types import Stage

PIPELINE: tuple[Stage, ...] = (expert.STAGE, format.STAGE, adjudication.STAGE)


def by_slug(slug: str) -> Stage:
    """The stage called `slug`; KeyError when there is none."""
    return {stage.slug: stage for stage in PIPELINE}[slug]


def by_state(state: str) -> Stage | None:
    """The stage whose reviews happen while a task is in `state`."""
    return next((stage for stage in PIPELINE if stage.state == state), None)
