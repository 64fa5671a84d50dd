"""A place in one stage of one task, taken by at most one person for all its rounds."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from lib.triggers import refuse
from review.enums import SeatState

_NOT_THE_AUTHOR = """
IF NEW.reviewer_id IS NOT NULL AND EXISTS (
  SELECT 1 FROM annotation_task WHERE id = NEW.task_id AND author_id = NEW.reviewer_id
  UNION ALL
  SELECT 1 FROM annotation_assignment WHERE task_id = NEW.task_id AND expert_id = NEW.reviewer_id
) THEN
  {author}
END IF;
IF NEW.reviewer_id IS NOT NULL AND EXISTS (
  SELECT 1 FROM review_review
  WHERE task_id = NEW.task_id AND reviewer_id = NEW.reviewer_id AND stage <> NEW.stage
) THEN
  {stage}
END IF;
RETURN NEW;
""".format(
    author=refuse("seat_author_is_no_reviewer", "the author of a task never reviews it"),
    stage=refuse("seat_one_stage_a_person", "one reviewer sits in one stage of a task"),
)


class Seat(models.Model):
    """One seat. Opened when its task enters the stage, free until somebody takes it, then theirs.

    `project`, `domain`, `priority` and `author` repeat the task's, so that the next review is found in one
    index. `revision` is what this round judges.
    """

    task = models.ForeignKey(
        "annotation.Task", on_delete=models.PROTECT, related_name="seats", db_index=False
    )
    stage = models.CharField(max_length=20)
    number = models.PositiveSmallIntegerField(default=1)
    round = models.PositiveSmallIntegerField(default=1)
    revision = models.ForeignKey("annotation.Revision", on_delete=models.PROTECT, related_name="+")
    project = models.ForeignKey("experts.Project", on_delete=models.PROTECT, related_name="+")
    domain = models.ForeignKey("experts.Domain", on_delete=models.PROTECT, related_name="+")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    priority = models.IntegerField(default=0)
    state = models.CharField(max_length=12, choices=SeatState, default=SeatState.OPEN)
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.PROTECT,
        related_name="seats",
        db_index=False,
    )
    leased_until = models.DateTimeField(null=True)
    opened_at = models.DateTimeField(default=timezone.now)
    # Left for later by its reviewer: what was not comes before it.
    put_aside_at = models.DateTimeField(null=True)
    # What the reviewer has typed so far; what a lapsed lease leaves behind moves to KeptWords.
    draft = models.JSONField(default=dict)
    # A verdict that may still be undone: its words, and when it is appended at the latest.
    pending = models.JSONField(default=dict)
    settles_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["task", "stage", "number"], name="seat_number"),
            models.UniqueConstraint(
                fields=["task", "reviewer"],
                condition=Q(reviewer__isnull=False),
                name="seat_one_a_person_a_task",
            ),
            models.CheckConstraint(
                condition=~Q(state=SeatState.OPEN) | Q(reviewer__isnull=True),
                name="seat_open_is_free",
            ),
            models.CheckConstraint(
                condition=~Q(
                    state__in=[
                        SeatState.HELD,
                        SeatState.RESERVED,
                        SeatState.PENDING,
                        SeatState.DECIDED,
                    ]
                )
                | Q(reviewer__isnull=False),
                name="seat_taken_has_reviewer",
            ),
            models.CheckConstraint(
                condition=Q(state=SeatState.PENDING, settles_at__isnull=False)
                | (~Q(state=SeatState.PENDING) & Q(settles_at__isnull=True)),
                name="seat_pending_settles",
            ),
            models.CheckConstraint(
                condition=Q(reviewer__isnull=True) | ~Q(reviewer=F("author")),
                name="seat_reviewer_is_not_author",
            ),
        ]
        indexes = [
            models.Index(
                "stage",
                "project",
                "domain",
                F("priority").desc(),
                "opened_at",
                "id",
                condition=Q(state=SeatState.OPEN),
                name="seat_queue",
            ),
            models.Index(fields=["reviewer", "state", "opened_at"]),
            models.Index(
                fields=["leased_until"], condition=Q(state=SeatState.HELD), name="seat_leases"
            ),
            models.Index(
                fields=["settles_at"], condition=Q(state=SeatState.PENDING), name="seat_pending"
            ),
            # Counts of what waits, by project and stage, without a walk over what is done.
            models.Index(
                fields=["project", "stage", "opened_at"],
                condition=Q(state=SeatState.OPEN),
                name="seat_waiting",
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="not_the_author",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("reviewer_id", "task_id"),
                func=_NOT_THE_AUTHOR,
            ),
        ]

    def __str__(self) -> str:
        return f"Seat {self.number} of {self.stage} on task {self.task_id}"
