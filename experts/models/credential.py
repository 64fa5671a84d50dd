"""Proof of expertise as a record: who says so, for what, until when, checked by whom."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from experts.enums import CredentialKind, CredentialState


class CredentialQuerySet(models.QuerySet["Credential"]):
    """Filters over credentials."""

    def valid_at(self, moment: object = None) -> "CredentialQuerySet":
        """Verified, not revoked, and neither not yet issued nor expired at `moment` (default now)."""
        moment = moment or timezone.now()
        return self.filter(
            models.Q(expires_on__isnull=True) | models.Q(expires_on__gte=moment),
            state=CredentialState.VERIFIED,
            verified_at__lte=moment,
        )


class Credential(models.Model):
    """One licence, degree, certification, employment or ORCID record of a person.

    `number_encrypted` is the number under the installation's key; it never leaves this table.
    """

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="credentials"
    )
    kind = models.CharField(max_length=20, choices=CredentialKind)
    title = models.CharField(max_length=200, help_text="As it reads on the document.")
    issuer = models.CharField(max_length=200)
    jurisdiction = models.CharField(max_length=80, blank=True)
    number_encrypted = models.BinaryField(default=bytes, blank=True)
    domains = models.ManyToManyField("experts.Domain", related_name="credentials")
    issued_on = models.DateField(null=True, blank=True)
    expires_on = models.DateField(null=True, blank=True)
    state = models.CharField(
        max_length=12, choices=CredentialState, default=CredentialState.PENDING, db_index=True
    )
    verified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    verified_at = models.DateTimeField(null=True, blank=True)
    verification_method = models.CharField(max_length=120, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = CredentialQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(state=CredentialState.VERIFIED)
                | models.Q(verified_by__isnull=False, verified_at__isnull=False),
                name="credential_verified_by_someone",
            ),
            models.CheckConstraint(
                condition=models.Q(verified_by__isnull=True)
                | ~models.Q(verified_by=models.F("person")),
                name="credential_not_verified_by_its_holder",
            ),
        ]
        indexes = [models.Index(fields=["person", "state"])]

    def __str__(self) -> str:
        return f"{self.title} ({self.issuer})"
