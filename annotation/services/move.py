"""The only writer of Task.state: lock, table, save, audit, listeners."""

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.utils import timezone

from annotation.enums import TaskState
from annotation.models import Task
from annotation.workflow import TASK
from audit.services import record
from experts.models import User
from lib.machine import Move

Listener = Callable[[Task, Move], None]
# Parts above annotation (reviews, releases) learn of moves here, inside the same transaction: imports
# go down only, so they register themselves when their app starts.
_listeners: list[Listener] = []


def on_move(listener: Listener) -> Listener:
    """Have `listener(task, move)` called inside the transaction of every move, after the save."""
    if listener not in _listeners:
        _listeners.append(listener)
    return listener


def lock_task(pk: int) -> Task:
    """The task, locked until the transaction ends. Every verb takes this lock before any other."""
    return Task.objects.select_for_update().get(pk=pk)


def move_task(
    *,
    task: Task,
    verb: str,
    actor: User | None,
    changes: dict[str, Any] | None = None,
    **facts: Any,
) -> Task:
    """Take a locked task along `verb`; `changes` are further columns, `facts` go into the audit event.

    Raises IllegalMove when the table has no such move from where the task stands.
    """
    if not transaction.get_connection().in_atomic_block:
        message = "move_task needs the caller's transaction and lock"
        raise RuntimeError(message)
    move = TASK.check(task.state, verb)
    task.state = move.target
    task.state_since = timezone.now()
    for field, value in (changes or {}).items():
        setattr(task, field, value)
    if move.target == TaskState.OPEN:
        task.author = None
        task.current_revision = None
        task.expert_passed_revision = None
    task.save(
        update_fields=[
            "state",
            "state_since",
            "author",
            "current_revision",
            "expert_passed_revision",
        ]
    )
    record(
        verb=f"annotation.task_{verb}",
        actor=actor,
        target=task,
        project_id=task.project_id,
        source=move.source,
        to=move.target,
        **facts,
    )
    for listener in _listeners:
        listener(task, move)
    return task
