"""A tokenizer and its chat template, for the preview of what a model will see."""

from django.conf import settings
from django.db import models
from django.utils import timezone


class Tokenizer(models.Model):
    """An uploaded tokenizer: its files as they were unpacked, content-addressed."""

    name = models.CharField(max_length=120, unique=True)
    files = models.JSONField(help_text="{file name: sha256 of the stored chunk}")
    chat_template = models.TextField(blank=True)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    uploaded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
