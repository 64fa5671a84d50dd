"""Proof of expertise as a record: who says so, for what, until when, checked by whom."""

import secrets
from datetime import datetime
from pathlib import PurePath

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from experts.enums import CredentialKind, CredentialState
from experts.workflow import CREDENTIAL
from lib.triggers import moves_only, refuse

# What was verified stays as it was verified; a renewal is a new credential.
_VERIFIED_STAYS = """
IF current_setting('firsthand.erasing', true) = 'on' THEN RETURN NEW; END IF;
IF (NEW.person_id, NEW.kind, NEW.issuer, NEW.jurisdiction, NEW.number_encrypted, NEW.issued_on, NEW.expires_on,
    NEW.verified_by_id, NEW.verified_at, NEW.checked_by_id)
   IS DISTINCT FROM
   (OLD.person_id, OLD.kind, OLD.issuer, OLD.jurisdiction, OLD.number_encrypted, OLD.issued_on, OLD.expires_on,
    OLD.verified_by_id, OLD.verified_at, OLD.checked_by_id) THEN
  {refuse}
END IF;
RETURN NEW;
""".format(
    refuse=refuse("credential_verified_stays", "a verified credential is not edited; add a new one")
)


class CredentialQuerySet(models.QuerySet["Credential"]):
    """Filters over credentials."""

    def valid_at(self, moment: datetime | None = None) -> "CredentialQuerySet":
        """Verified, not revoked, and neither not yet issued nor expired at `moment` (default now)."""
        moment = moment or timezone.now()
        day = moment.date()
        return self.filter(
            Q(expires_on__isnull=True) | Q(expires_on__gte=day),
            Q(issued_on__isnull=True) | Q(issued_on__lte=day),
            state=CredentialState.VERIFIED,
            verified_at__lte=moment,
        )


def evidence_place(credential: "Credential", filename: str) -> str:
    """Where a document is kept: a name that says nothing and cannot be guessed."""
    return f"credentials/{secrets.token_hex(16)}{PurePath(filename).suffix}"


class Credential(models.Model):
    """One licence, degree, certification, employment or ORCID record of a person.

    `number_encrypted` is the number under the installation's key, `number_digest` a keyed hash by which
    the same number of two people is found; the number itself never leaves this table. Under the
    two-person rule `checked_by` looked first and `verified_by` confirmed.
    """

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="credentials",
        db_index=False,
    )
    kind = models.CharField(max_length=20, choices=CredentialKind)
    title = models.CharField(max_length=200, help_text="As it reads on the document.")
    issuer = models.CharField(max_length=200)
    jurisdiction = models.CharField(max_length=80, blank=True)
    number_encrypted = models.BinaryField(default=bytes, blank=True)
    number_digest = models.CharField(max_length=64, blank=True)
    domains = models.ManyToManyField("experts.Domain", related_name="credentials")
    issued_on = models.DateField(null=True, blank=True)
    expires_on = models.DateField(null=True, blank=True)
    renews = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="renewals"
    )
    evidence = models.FileField(upload_to=evidence_place, blank=True)
    evidence_name = models.CharField(max_length=200, blank=True)
    evidence_type = models.CharField(max_length=60, blank=True)
    evidence_sha256 = models.CharField(max_length=64, blank=True)
    state = models.CharField(
        max_length=12, choices=CredentialState, default=CredentialState.PENDING
    )
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    checked_at = models.DateTimeField(null=True, blank=True)
    verified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    verified_at = models.DateTimeField(null=True, blank=True)
    verification_method = models.CharField(max_length=120, blank=True)
    decision_note = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = CredentialQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(state__in=[CredentialState.VERIFIED, CredentialState.REVOKED])
                | Q(verified_by__isnull=False, verified_at__isnull=False),
                name="credential_verified_by_someone",
            ),
            models.CheckConstraint(
                condition=Q(verified_by__isnull=True) | ~Q(verified_by=F("person")),
                name="credential_not_verified_by_its_holder",
            ),
            models.CheckConstraint(
                condition=Q(checked_by__isnull=True) | ~Q(checked_by=F("person")),
                name="credential_not_checked_by_its_holder",
            ),
            models.CheckConstraint(
                condition=Q(checked_by__isnull=True)
                | Q(verified_by__isnull=True)
                | ~Q(checked_by=F("verified_by")),
                name="credential_two_different_people",
            ),
            models.CheckConstraint(
                condition=~Q(state=CredentialState.CHECKED)
                | Q(checked_by__isnull=False, checked_at__isnull=False),
                name="credential_checked_by_someone",
            ),
            models.CheckConstraint(
                condition=Q(issued_on__isnull=True)
                | Q(expires_on__isnull=True)
                | Q(expires_on__gte=F("issued_on")),
                name="credential_expires_after_issue",
            ),
            models.CheckConstraint(
                condition=Q(state__in=CredentialState.values), name="credential_known_state"
            ),
        ]
        indexes = [
            models.Index(fields=["person", "state"]),
            models.Index(fields=["state", "expires_on"]),
            models.Index(
                fields=["number_digest"], condition=~Q(number_digest=""), name="credential_number"
            ),
        ]
        triggers = [
            # The first state is free: a register that is already verified may be taken over.
            moves_only(CREDENTIAL)[1],
            pgtrigger.Trigger(
                name="verified_stays",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "OLD.state IN ('verified', 'revoked') AND NEW.state <> 'pending'"
                ),
                func=_VERIFIED_STAYS,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.issuer})"

    @property
    def expired(self) -> bool:
        """Whether its last day has passed."""
        return self.expires_on is not None and self.expires_on < timezone.now().date()
