"""A question about a task to a person by name, and the answers to it."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from lib.triggers import append_only


class Question(models.Model):
    """One message of a thread between two people. The first has no `thread`; the others follow it.

    It stays with the task and is never part of a response, a review or a release.
    """

    task = models.ForeignKey("annotation.Task", on_delete=models.PROTECT, related_name="questions")
    thread = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="messages")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="questions_asked"
    )
    to = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="questions_got"
    )
    body = models.TextField()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=~Q(body=""), name="question_says_something"),
            models.CheckConstraint(
                condition=~Q(author=models.F("to")), name="question_to_somebody_else"
            ),
        ]
        triggers = append_only("annotation_question")

    def __str__(self) -> str:
        return f"Question {self.pk} about task {self.task_id}"
