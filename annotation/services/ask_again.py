"""Ask somebody else: for a response that came to nothing, or in place of an author who does not come back."""

from django.db import transaction

from annotation.corrections import newest_version_of
from annotation.enums import AssignmentState, ClosingReason, TaskState
from annotation.errors import PlaceTaken
from annotation.models import Assignment, Instruction, Task
from annotation.models.task import OVER
from annotation.queries import in_place_of
from annotation.services.move import lock_task, move_task
from annotation.services.release import give_back
from audit.services import record
from experts.enums import Role
from experts.models import User
from experts.rules import hold_role, require_at_work


@transaction.atomic
def ask_somebody_else(*, actor: User, task_id: int) -> Task:
    """The task that is open now: this one, given back, or after a rejection or a withdrawal a new one in its place.

    Raises PlaceTaken when there is nothing to ask for: the task is at work, or another one has its place.
    """
    task = lock_task(task_id)
    hold_role.require(actor, task.project, Role.LEAD)
    require_at_work(task.project_id)
    if task.state == TaskState.CHANGES_REQUESTED:
        give_back(task=task, actor=actor)
        return task
    if task.state not in OVER:
        raise PlaceTaken
    _lock_place(task)
    if in_place_of(task) is not None:
        raise PlaceTaken
    instruction = newest_version_of(task.instruction)
    made = Task.objects.create(
        instruction=instruction,
        slot=task.slot,
        project=task.project,
        domain=instruction.domain,
        language=instruction.language,
        difficulty=instruction.difficulty,
        priority=task.priority,
        due_at=task.due_at,
    )
    if task.state == TaskState.REJECTED:  # an appeal may bring it back to the queue one day
        task.alone = False
        task.save(update_fields=["alone"])
    record(
        verb="annotation.task_asked_again",
        actor=actor,
        target=made,
        project_id=made.project_id,
        instead_of=task.pk,
    )
    return made


@transaction.atomic
def make_room(*, task: Task, actor: User) -> None:
    """Close what was asked for in place of a rejected task, so that its appeal can be heard.

    Raises PlaceTaken when somebody has begun to write: their work is not taken from them.
    """
    _lock_place(task)
    other = in_place_of(task)
    if other is None:
        return
    other = lock_task(other.pk)
    begun = Assignment.objects.filter(task=other).exclude(state=AssignmentState.SKIPPED)
    if other.state != TaskState.OPEN or begun.exists():
        raise PlaceTaken
    move_task(task=other, verb="close", actor=actor, reason=ClosingReason.APPEAL)


def _lock_place(task: Task) -> None:
    """Have whoever wants this task's place wait: several tasks that are over may have had it, each with its lock."""
    versions = Instruction.objects.select_for_update(no_key=True).filter(
        series=task.instruction.series
    )
    list(versions.order_by("version").values_list("pk", flat=True))
