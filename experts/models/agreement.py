"""What people agree to before they work, version by version."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from experts.enums import AgreementKind
from lib.triggers import append_only


class Agreement(models.Model):
    """One published version of one agreement, in plain words (Markdown)."""

    kind = models.CharField(max_length=20, choices=AgreementKind)
    version = models.PositiveIntegerField()
    title = models.CharField(max_length=160)
    text = models.TextField()
    published_at = models.DateTimeField(default=timezone.now)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["kind", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "version"], name="agreement_version")
        ]
        triggers = append_only("experts_agreement")

    def __str__(self) -> str:
        return f"{self.title}, version {self.version}"


class Acceptance(models.Model):
    """A person has accepted one version."""

    agreement = models.ForeignKey(
        Agreement, on_delete=models.PROTECT, related_name="acceptances", db_index=False
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="acceptances"
    )
    accepted_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["accepted_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["agreement", "person"], name="acceptance_once")
        ]
        triggers = append_only("experts_acceptance")

    def __str__(self) -> str:
        return f"{self.person} accepted {self.agreement}"
