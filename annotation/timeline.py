"""What happened to a task, in the author's words and without names: reviews are blind."""

from dataclasses import dataclass
from datetime import datetime

from annotation.models import Task
from audit.queries import events_of

# verb of the audit event → (words, class of the mark)
WORDS = {
    "claim": ("You took the task", ""),
    "skip": ("Passed on", ""),
    "lapse": ("Time ran out; the task went back", ""),
    "submit": ("Handed in for expert review", "done"),
    "submit_repair": ("Repair handed in for format review", "done"),
    "pass_expert": ("The expert review passed it", "done"),
    "return_to_expert": ("Sent back to the expert reviewer", ""),
    "request_changes": ("Changes requested", "bad"),
    "resume": ("You went on with it", ""),
    "escalate": ("Passed to a third person to decide", ""),
    "appeal": ("You appealed", ""),
    "approve": ("Approved", "done"),
    "reject": ("Rejected", "bad"),
    "close": ("Closed before anything was handed in", ""),
    "withdraw": ("Withdrawn from releases", "bad"),
}


@dataclass(frozen=True)
class Step:
    """One line of a timeline."""

    at: datetime
    words: str
    mark: str


def timeline_of(task: Task) -> list[Step]:
    """The moves of the task since it was last open, oldest first."""
    steps: list[Step] = []
    for event in events_of(task):
        words, mark = WORDS.get(event.verb.removeprefix("annotation.task_"), ("", ""))
        if event.verb == "annotation.task_claim":
            steps = []
        if words:
            steps.append(Step(event.at, words, mark))
    return steps
