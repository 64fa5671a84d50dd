"""One person's verdict on one revision: appended, never changed."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from lib.triggers import append_only, refuse
from review.enums import Cause, QualityClass, Use, Verdict

_SITS_THERE = """
IF NOT EXISTS (
  SELECT 1 FROM review_seat
  WHERE id = NEW.seat_id AND task_id = NEW.task_id AND stage = NEW.stage AND reviewer_id = NEW.reviewer_id
) THEN
  {seat}
END IF;
IF EXISTS (SELECT 1 FROM annotation_revision WHERE task_id = NEW.task_id AND author_id = NEW.reviewer_id) THEN
  {author}
END IF;
IF NOT EXISTS (SELECT 1 FROM annotation_revision WHERE id = NEW.revision_id AND task_id = NEW.task_id) THEN
  {revision}
END IF;
IF NEW.stage = 'expert' AND NEW.verdict <> 'recuse' AND NOT EXISTS (
  SELECT 1
  FROM experts_credential credential
  JOIN experts_credential_domains covers ON covers.credential_id = credential.id
  JOIN experts_domain domain ON domain.id = covers.domain_id
  JOIN annotation_task task ON task.id = NEW.task_id
  JOIN experts_domain wanted ON wanted.id = task.domain_id
  WHERE credential.id = NEW.credential_id AND credential.person_id = NEW.reviewer_id
    AND credential.state = 'verified'
    AND (credential.expires_on IS NULL OR credential.expires_on >= CURRENT_DATE)
    AND (wanted.path = domain.path OR wanted.path LIKE domain.path || '.%')
) THEN
  {credential}
END IF;
RETURN NEW;
""".format(
    seat=refuse("review_sits_there", "a verdict comes from the person who holds the seat"),
    author=refuse("review_author_is_no_reviewer", "the author of a task never reviews it"),
    revision=refuse("review_revision_of_task", "the revision belongs to another task"),
    credential=refuse(
        "review_expert_credential", "the reviewer holds no valid credential in this domain"
    ),
)


class Review(models.Model):
    """A verdict in one seat under the rubric of one project version.

    `criteria` is {criterion id: {"mark": pass|fix|fail, "reason", "severity": minor|major|critical}};
    `coverage` is {requirement id: {"mark": met|partly|missed, "quote", "start", "end"}} (format stage), the
    passage in code points of the revision's text; `sources` is {source id: {"mark": supports|
    does_not_support|not_opened, "note"}} for those that were looked up (expert stage);
    `credential` is the proof of expertise the reviewer held at that moment (expert stage); `rubric` names
    the version of the criteria that were shown; `bulk` says that it was passed with others in one go.
    """

    seat = models.ForeignKey("review.Seat", on_delete=models.PROTECT, related_name="reviews")
    task = models.ForeignKey(
        "annotation.Task", on_delete=models.PROTECT, related_name="reviews", db_index=False
    )
    revision = models.ForeignKey(
        "annotation.Revision", on_delete=models.PROTECT, related_name="reviews"
    )
    stage = models.CharField(max_length=20)
    number = models.PositiveSmallIntegerField(default=1)
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="reviews", db_index=False
    )
    credential = models.ForeignKey(
        "experts.Credential", null=True, on_delete=models.PROTECT, related_name="+"
    )
    project_version = models.ForeignKey(
        "annotation.ProjectVersion", on_delete=models.PROTECT, related_name="+"
    )
    verdict = models.CharField(max_length=20, choices=Verdict)
    criteria = models.JSONField(default=dict)
    note = models.TextField(blank=True)
    coverage = models.JSONField(default=dict)
    sources = models.JSONField(default=dict)
    evidence_answer = models.TextField(blank=True)
    rubric = models.CharField(max_length=60, blank=True)
    category = models.CharField(max_length=20, choices=Cause, blank=True)
    bulk = models.BooleanField(default=False)
    round = models.PositiveSmallIntegerField(default=1)
    quality_class = models.CharField(max_length=1, choices=QualityClass, blank=True)
    use = models.CharField(max_length=12, choices=Use, default=Use.TRAIN)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["id"]
        constraints = [
            # One verdict a seat a revision; a recusal frees the seat for somebody else.
            models.UniqueConstraint(
                fields=["revision", "stage", "number"],
                condition=~Q(verdict=Verdict.RECUSE),
                name="review_one_a_seat",
            ),
            models.CheckConstraint(
                condition=Q(verdict__in=[Verdict.APPROVE, Verdict.RECUSE]) | ~Q(note=""),
                name="review_has_reason",
            ),
        ]
        indexes = [
            models.Index(fields=["reviewer", "created_at"]),
            models.Index(fields=["task", "stage"]),
        ]
        triggers = [
            *append_only("review_review"),
            pgtrigger.Trigger(
                name="sits_there",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func=_SITS_THERE,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.verdict} on revision {self.revision_id}"
