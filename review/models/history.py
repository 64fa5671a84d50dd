"""What happens beside the verdicts: repairs of form, appeals, words that a lost seat left behind."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from lib.triggers import append_only


class Repair(models.Model):
    """A format reviewer's edit of form. `form_only` False sent the task back to the expert by itself."""

    task = models.ForeignKey("annotation.Task", on_delete=models.PROTECT, related_name="repairs")
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    before = models.ForeignKey("annotation.Revision", on_delete=models.PROTECT, related_name="+")
    after = models.ForeignKey(
        "annotation.Revision", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    form_only = models.BooleanField()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["after"], name="repair_once_a_revision")]
        triggers = append_only("review_repair")

    def __str__(self) -> str:
        return f"Repair of revision {self.before_id}"


class Appeal(models.Model):
    """An author asks for a third person's judgement of a verdict, in their own words."""

    task = models.ForeignKey("annotation.Task", on_delete=models.PROTECT, related_name="appeals")
    revision = models.ForeignKey(
        "annotation.Revision", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    words = models.TextField()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["revision"], name="appeal_once_a_revision"),
            models.CheckConstraint(condition=~models.Q(words=""), name="appeal_has_words"),
        ]
        triggers = append_only("review_appeal")

    def __str__(self) -> str:
        return f"Appeal on task {self.task_id}"


class KeptWords(models.Model):
    """What a reviewer had typed when their seat went to somebody else: given back when they return."""

    seat = models.ForeignKey(
        "review.Seat", on_delete=models.CASCADE, related_name="kept_words", db_index=False
    )
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    draft = models.JSONField(default=dict)
    kept_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["seat", "person"], name="kept_words_once")]

    def __str__(self) -> str:
        return f"Words kept for seat {self.seat_id}"


class SavedView(models.Model):
    """A set of filters that a person gave a name. `query` is the query string of the page."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="review_views",
        db_index=False,
    )
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=600)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["person", "name"], name="saved_view_name")]

    def __str__(self) -> str:
        return self.name
