"""Why a task was closed before anything was handed in, in words for whoever comes to it."""

from dataclasses import dataclass

from annotation.enums import ClosingReason
from annotation.models import Task
from audit.queries import events_of


@dataclass(frozen=True)
class Closing:
    """`title` says what happened, `advice` what that means for who would have written."""

    title: str
    advice: str


_WORDS = {
    ClosingReason.DROPPED: Closing(
        "This question was taken out of the project.",
        "Another one asks the same, so nothing more is to be done here.",
    ),
    ClosingReason.APPEAL: Closing(
        "This response is not wanted any more.",
        "An earlier response to the same question is being looked at again, and no second one is asked for now.",
    ),
}


def why_closed(task: Task) -> Closing:
    """The words for a task that was closed."""
    event = events_of(task).filter(verb="annotation.task_close").last()
    reason = event.data.get("reason", "") if event else ""
    return _WORDS[ClosingReason(reason or ClosingReason.DROPPED)]
