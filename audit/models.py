"""The record of who did what, when: appended to, never changed."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from lib.triggers import append_only


class Event(models.Model):
    """One thing that happened. `verb` reads `app.noun_verbed`; the object is named, not linked."""

    at = models.DateTimeField(default=timezone.now, db_index=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    verb = models.CharField(max_length=80)
    object_type = models.CharField(max_length=60)
    object_id = models.CharField(max_length=60)
    project_id = models.BigIntegerField(null=True)
    data = models.JSONField(default=dict)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["object_type", "object_id", "id"]),
            models.Index(fields=["project_id", "id"]),
            models.Index(fields=["verb", "id"]),
            models.Index(fields=["actor", "id"]),
        ]
        triggers = append_only("audit_event")

    def __str__(self) -> str:
        return f"{self.verb} {self.object_type} {self.object_id}"
