"""Where releases went: downloads by people, deliveries to other stores."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from lib.triggers import append_only


class Download(models.Model):
    """Somebody fetched a file of a release, or all of it (`path` empty)."""

    release = models.ForeignKey(
        "exports.Release", on_delete=models.PROTECT, related_name="downloads"
    )
    path = models.CharField(max_length=300, blank=True)
    first_byte = models.BigIntegerField(default=0)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-at", "-id"]
        triggers = append_only("exports_download")

    def __str__(self) -> str:
        return f"{self.path or 'everything'} at {self.at}"


class Delivery(models.Model):
    """One attempt to bring a release to a store; repeating it sends what is missing."""

    class Kind(models.TextChoices):
        DIRECTORY = "directory", "Directory"
        S3 = "s3", "S3-compatible storage"
        HUB = "hub", "Hub repository"

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"

    release = models.ForeignKey(
        "exports.Release", on_delete=models.PROTECT, related_name="deliveries"
    )
    kind = models.CharField(max_length=12, choices=Kind)
    destination = models.CharField(max_length=400)
    state = models.CharField(max_length=12, choices=State, default=State.WAITING)
    files_done = models.PositiveIntegerField(default=0)
    problem = models.TextField(blank=True)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return f"{self.kind} {self.destination}"
