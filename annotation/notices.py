"""Tell authors what became of their work. Called with every move of a task, inside its transaction."""

from django.urls import reverse

from annotation.enums import AssignmentState, TaskState
from annotation.models import Assignment, Task
from experts.enums import NotificationKind
from experts.services.notify import notify
from lib.machine import Move

_WORDS = {
    TaskState.CHANGES_REQUESTED: (NotificationKind.RETURNED, "A response came back to you"),
    TaskState.APPROVED: (NotificationKind.DECIDED, "A response of yours was approved"),
    TaskState.REJECTED: (
        NotificationKind.DECIDED,
        "A response of yours was rejected; you can appeal",
    ),
    TaskState.WITHDRAWN: (NotificationKind.DECIDED, "A released response of yours was withdrawn"),
}


def follow_move(task: Task, move: Move) -> None:
    """One line in the author's inbox for a move that concerns them."""
    if move.verb == "lapse":
        _tell_of_lapse(task)
        return
    if move.verb == "close":
        _tell_of_closing(task)
        return
    words = _WORDS.get(TaskState(move.target))
    if words is None or task.author is None:
        return
    kind, title = words
    revision = task.current_revision.number if task.current_revision else 0
    notify(
        person=task.author,
        kind=kind,
        key=f"task-{task.pk}-{move.target}-{revision}-{task.state_since.timestamp():.0f}",
        title=title,
        body=task.instruction.title,
        url=reverse("write:task", args=[task.pk]),
    )


def _tell_of_closing(task: Task) -> None:
    begun = Assignment.objects.filter(task=task).select_related("expert").order_by("pk")
    for assignment in begun.exclude(state=AssignmentState.SKIPPED):
        notify(
            person=assignment.expert,
            kind=NotificationKind.LEASE,
            key=f"task-{task.pk}-closed-{assignment.pk}",
            title="A question you were writing for was taken out; your draft is kept",
            body=f"{task.instruction.title}\n\nAnother question asks the same. Nothing more is to be done.",
            url=reverse("write:task", args=[task.pk]),
        )


def _tell_of_lapse(task: Task) -> None:
    held = (
        Assignment.objects.filter(task=task).select_related("expert").order_by("-opened_at").first()
    )
    if held is None:
        return
    notify(
        person=held.expert,
        kind=NotificationKind.LEASE,
        key=f"task-{task.pk}-lapsed-{task.state_since.timestamp():.0f}",
        title="Your time on a task ran out; your draft is kept",
        body=f"{task.instruction.title}\n\nIf it is still open, you can take it again and go on.",
        url=reverse("write:home"),
    )
