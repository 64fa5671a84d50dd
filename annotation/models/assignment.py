"""An expert's lease on a task, with the draft and the writing log."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from annotation.enums import AssignmentState, SkipReason
from lib.triggers import append_only


class Assignment(models.Model):
    """What one person has to do with one task; taking it again continues the same draft.

    `fields` maps a field of the editor to its text ({"response": "…"}); `extras` holds coverage, sources
    and the like; `draft_version` counts saves; `log_sequence` and `log_head` are the number of the
    newest writing-log batch and the hash of the chain up to it.
    """

    task = models.ForeignKey(
        "annotation.Task", on_delete=models.PROTECT, related_name="assignments", db_index=False
    )
    expert = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="assignments",
        db_index=False,
    )
    project_version = models.ForeignKey(
        "annotation.ProjectVersion", on_delete=models.PROTECT, related_name="+"
    )
    state = models.CharField(max_length=12, choices=AssignmentState, default=AssignmentState.LIVE)
    leased_until = models.DateTimeField()
    opened_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)
    skip_reason = models.CharField(max_length=20, choices=SkipReason, blank=True)
    skip_note = models.TextField(blank=True)
    fields = models.JSONField(default=dict)
    extras = models.JSONField(default=dict)
    draft_version = models.PositiveIntegerField(default=0)
    log_sequence = models.PositiveIntegerField(default=0)
    log_head = models.BinaryField(max_length=32, default=bytes)
    saved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["task", "expert"], name="assignment_once_a_person"),
            models.UniqueConstraint(
                fields=["task"],
                condition=Q(state__in=[AssignmentState.LIVE, AssignmentState.SUBMITTED]),
                name="assignment_one_live_a_task",
            ),
            models.CheckConstraint(
                condition=~Q(state=AssignmentState.SKIPPED) | ~Q(skip_reason=""),
                name="assignment_skip_has_reason",
            ),
        ]
        indexes = [
            models.Index(
                fields=["leased_until"],
                condition=Q(state=AssignmentState.LIVE),
                name="assignment_leases",
            ),
            models.Index(fields=["expert", "state", "-opened_at"]),
        ]

    def __str__(self) -> str:
        return f"Assignment {self.pk} of task {self.task_id}"


class LogBatch(models.Model):
    """A batch of the writing log: edits in order, compressed, chained by hash, never changed.

    `chain` = sha256(previous chain + payload); `received_at` is the server's clock, the times inside the
    payload are the browser's.
    """

    assignment = models.ForeignKey(
        Assignment, on_delete=models.PROTECT, related_name="log", db_index=False
    )
    sequence = models.PositiveIntegerField()
    session = models.UUIDField()
    payload = models.BinaryField()
    chain = models.BinaryField(max_length=32)
    received_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["assignment", "sequence"]
        constraints = [
            models.UniqueConstraint(fields=["assignment", "sequence"], name="log_batch_sequence")
        ]
        triggers = append_only("annotation_logbatch")

    def __str__(self) -> str:
        return f"Batch {self.sequence} of assignment {self.assignment_id}"
