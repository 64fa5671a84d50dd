"""What people are told, and how they want to hear of it."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from experts.enums import Delivery, NotificationKind


class Notification(models.Model):
    """One line in a person's inbox.

    `key` names the occasion, so the same occasion never makes two lines. `mailed_at` is set before the
    mail leaves: a worker that dies in between loses a mail rather than sending two, and the line is
    still in the inbox.
    """

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="notifications",
        db_index=False,
    )
    kind = models.CharField(max_length=20, choices=NotificationKind)
    key = models.CharField(max_length=160)
    title = models.CharField(max_length=200)
    body = models.TextField(blank=True)
    url = models.CharField(max_length=300, blank=True)
    delivery = models.CharField(max_length=8, choices=Delivery, default=Delivery.AT_ONCE)
    created_at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True)
    mailed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["person", "key"], name="notification_once")]
        indexes = [
            models.Index(fields=["person", "-id"]),
            models.Index(fields=["person"], condition=Q(read_at=None), name="notification_unread"),
            models.Index(
                fields=["delivery", "id"], condition=Q(mailed_at=None), name="notification_unmailed"
            ),
        ]

    def __str__(self) -> str:
        return self.title


class NotificationChoice(models.Model):
    """How one person wants one kind of notification by mail; without a row, at once."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="notification_choices",
        db_index=False,
    )
    kind = models.CharField(max_length=20, choices=NotificationKind)
    delivery = models.CharField(max_length=8, choices=Delivery, default=Delivery.AT_ONCE)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "kind"], name="notification_choice_once")
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.delivery}"
