"""One response wanted for one instruction: the thing that moves through states."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from annotation.enums import TaskState
from annotation.workflow import TASK
from lib.triggers import moves_only, refuse
from lib.uuid7 import uuid7

# States in which a response has been handed in, so that author and revision must be named. What was
# withdrawn may have been closed before, and what was approved keeps both.
HANDED_IN = [
    TaskState.EXPERT_REVIEW,
    TaskState.FORMAT_REVIEW,
    TaskState.CHANGES_REQUESTED,
    TaskState.ADJUDICATION,
    TaskState.APPROVED,
    TaskState.REJECTED,
]

# States in which a task has given up its place among the responses wanted.
OVER = [TaskState.REJECTED, TaskState.WITHDRAWN]

_SLOT_WANTED = """
IF NEW.slot > (SELECT responses_wanted FROM annotation_instruction WHERE id = NEW.instruction_id) THEN
  {refuse}
END IF;
RETURN NEW;
""".format(
    refuse=refuse("task_responses_wanted", "an instruction has no more tasks than responses wanted")
)

_ANSWERS_A_CORRECTION = """
IF NEW.state NOT IN ('{open}', '{writing}') OR NOT EXISTS (
  SELECT 1 FROM annotation_instruction earlier JOIN annotation_instruction later USING (series, project_id)
  WHERE earlier.id = OLD.instruction_id AND later.id = NEW.instruction_id AND later.version > earlier.version
) THEN
  {refuse}
END IF;
RETURN NEW;
""".format(
    open=TaskState.OPEN,
    writing=TaskState.WRITING,
    refuse=refuse(
        "task_follows_corrections",
        "a task moves on to a later version of its instruction alone, before it is handed in",
    ),
)

_FINISHED_IS_FROZEN = """
IF to_jsonb(NEW) - 'state' - 'state_since' IS DISTINCT FROM to_jsonb(OLD) - 'state' - 'state_since' THEN
  {refuse}
END IF;
RETURN NEW;
""".format(refuse=refuse("task_approved_is_frozen", "what is approved never changes"))


class Task(models.Model):
    """A wanted response. `key` becomes the record's id. Only services/move.py writes `state`.

    `project`, `domain`, `language` and `difficulty` repeat the instruction's, so that the next task is
    found in one index.
    """

    key = models.UUIDField(default=uuid7, unique=True, editable=False)
    instruction = models.ForeignKey(
        "annotation.Instruction", on_delete=models.PROTECT, related_name="tasks"
    )
    slot = models.PositiveSmallIntegerField(default=1)
    # Known to be the only task that its instruction ever had: nobody can hold another response to it, and a
    # claim need not look for one.
    alone = models.BooleanField(default=False, db_default=False)
    project = models.ForeignKey(
        "experts.Project", on_delete=models.PROTECT, related_name="tasks", db_index=False
    )
    domain = models.ForeignKey("experts.Domain", on_delete=models.PROTECT, related_name="+")
    language = models.CharField(max_length=20, default="en")
    difficulty = models.PositiveSmallIntegerField(default=3)
    state = models.CharField(max_length=20, choices=TaskState, default=TaskState.OPEN)
    state_since = models.DateTimeField(default=timezone.now)
    priority = models.IntegerField(default=0)
    # The moment at which the day it is wanted by is over everywhere (annotation.due).
    due_at = models.DateTimeField(null=True, blank=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.PROTECT,
        related_name="authored_tasks",
        db_index=False,
    )
    current_revision = models.ForeignKey(
        "annotation.Revision", null=True, on_delete=models.PROTECT, related_name="+"
    )
    # The newest revision that the expert stage passed; what changed since decides who looks again.
    expert_passed_revision = models.ForeignKey(
        "annotation.Revision", null=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["instruction", "slot"],
                condition=~Q(state__in=OVER),
                name="task_slot_taken_once",
            ),
            models.CheckConstraint(
                condition=Q(state__in=TaskState.values), name="task_known_state"
            ),
            models.CheckConstraint(condition=Q(slot__gte=1), name="task_slot_positive"),
            models.CheckConstraint(
                condition=~Q(state=TaskState.OPEN) | Q(author__isnull=True),
                name="task_open_has_no_author",
            ),
            models.CheckConstraint(
                condition=~Q(state=TaskState.WRITING) | Q(author__isnull=False),
                name="task_writing_has_author",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=HANDED_IN)
                | Q(author__isnull=False, current_revision__isnull=False),
                name="task_handed_in_has_revision",
            ),
        ]
        indexes = [
            # The queue: one index walk per (project, domain), whatever the number of tasks.
            models.Index(
                "project",
                "domain",
                F("priority").desc(),
                "due_at",
                "id",
                condition=Q(state=TaskState.OPEN),
                name="task_queue",
            ),
            # The same for people who write in some languages or difficulties only.
            models.Index(
                "project",
                "domain",
                "language",
                "difficulty",
                F("priority").desc(),
                "due_at",
                "id",
                condition=Q(state=TaskState.OPEN),
                name="task_queue_by_language",
            ),
            # How far a field has filled its quota.
            models.Index(fields=["project", "domain", "state"], name="task_quota"),
            models.Index(fields=["project", "state", "state_since"]),
            models.Index(fields=["author", "state"]),
            # What is wanted by which day, the earliest first.
            models.Index(
                fields=["project", "due_at", "id"],
                condition=Q(due_at__isnull=False),
                name="task_due",
            ),
        ]
        triggers = [
            *moves_only(TASK),
            pgtrigger.Trigger(
                name="responses_wanted",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("slot", "instruction_id"),
                # Every instruction wants one response at least, so most rows need no look.
                condition=pgtrigger.Condition("NEW.slot > 1"),
                func=_SLOT_WANTED,
            ),
            pgtrigger.Trigger(
                name="follows_corrections",
                when=pgtrigger.Before,
                operation=pgtrigger.UpdateOf("instruction_id"),
                condition=pgtrigger.Condition(
                    "OLD.instruction_id IS DISTINCT FROM NEW.instruction_id"
                ),
                func=_ANSWERS_A_CORRECTION,
            ),
            pgtrigger.Trigger(
                name="approved_is_frozen",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    f"OLD.state IN ('{TaskState.APPROVED}', '{TaskState.WITHDRAWN}')"
                ),
                func=_FINISHED_IS_FROZEN,
            ),
            pgtrigger.Trigger(
                name="no_delete",
                when=pgtrigger.Before,
                operation=pgtrigger.Delete,
                func=refuse("task_no_delete", "tasks are never deleted"),
            ),
        ]

    def __str__(self) -> str:
        return f"Task {self.pk}"
