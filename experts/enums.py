"""Closed lists about people."""

from django.db import models


class Role(models.TextChoices):
    """What a person may do in one project."""

    WRITER = "writer", "Writer"
    EXPERT = "expert", "Expert reviewer"
    FORMAT = "format", "Format reviewer"
    LEAD = "lead", "Lead"
    OBSERVER = "observer", "Observer"


class CredentialKind(models.TextChoices):
    """What kind of proof of expertise it is."""

    LICENCE = "licence", "Licence to practise"
    DEGREE = "degree", "Degree"
    CERTIFICATION = "certification", "Certification"
    EMPLOYMENT = "employment", "Employment"
    ORCID = "orcid", "ORCID record"


class CredentialState(models.TextChoices):
    """Where a credential stands."""

    PENDING = "pending", "Waiting for verification"
    VERIFIED = "verified", "Verified"
    REJECTED = "rejected", "Not accepted"
    REVOKED = "revoked", "Revoked"
