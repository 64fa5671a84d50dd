"""What is said about a passage of a response, and edits that a reviewer suggests."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from lib.triggers import refuse
from review.enums import Answer

_SAID = [
    "task_id",
    "revision_id",
    "author_id",
    "anchor",
    "body",
    "suggestion",
    "parent_id",
    "stage",
    "created_at",
]


class Comment(models.Model):
    """One comment or answer. What was said never changes; whether it is settled does.

    `anchor` follows review.anchors ({} stands for the whole response); `suggestion` replaces the quoted
    passage when the author accepts it, and None means that the comment suggests no edit; `stage` is the
    stage in which a reviewer wrote it, empty for the author's answers.
    """

    task = models.ForeignKey(
        "annotation.Task", on_delete=models.PROTECT, related_name="comments", db_index=False
    )
    revision = models.ForeignKey(
        "annotation.Revision", on_delete=models.PROTECT, related_name="comments"
    )
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    stage = models.CharField(max_length=20, blank=True)
    anchor = models.JSONField(default=dict)
    body = models.TextField()
    suggestion = models.TextField(null=True)  # noqa: DJ001  (an empty suggestion deletes the passage)
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="answers")
    created_at = models.DateTimeField(default=timezone.now)
    resolved_at = models.DateTimeField(null=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    answer = models.CharField(max_length=10, choices=Answer, blank=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(answer="") | Q(suggestion__isnull=False, answered_at__isnull=False),
                name="comment_answer_needs_suggestion",
            ),
            models.CheckConstraint(
                condition=Q(resolved_at__isnull=True, resolved_by__isnull=True)
                | Q(resolved_at__isnull=False, resolved_by__isnull=False),
                name="comment_resolved_by_someone",
            ),
        ]
        indexes = [models.Index(fields=["task", "id"])]
        triggers = [
            pgtrigger.Trigger(
                name="said_is_said",
                when=pgtrigger.Before,
                operation=pgtrigger.UpdateOf(*_SAID),
                func="IF current_setting('firsthand.erasing', true) = 'on' THEN RETURN NEW; END IF; "
                + refuse("comment_said_is_said", "what a comment says never changes"),
            ),
            pgtrigger.Trigger(
                name="no_delete",
                when=pgtrigger.Before,
                operation=pgtrigger.Delete,
                func=refuse("comment_no_delete", "comments are never deleted"),
            ),
        ]

    def __str__(self) -> str:
        return f"Comment {self.pk} on task {self.task_id}"
