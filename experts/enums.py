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
    CHECKED = "checked", "Checked by one of two"
    VERIFIED = "verified", "Verified"
    REJECTED = "rejected", "Not accepted"
    REVOKED = "revoked", "Revoked"
    WITHDRAWN = "withdrawn", "Taken back by its holder"


class AgreementKind(models.TextChoices):
    """What a person agrees to before the first work."""

    CONTRIBUTOR = "contributor", "Contributor agreement"
    WRITING_LOG = "writing_log", "Consent to the writing log"


class MeasureKind(models.TextChoices):
    """Decisions that cost somebody something; each shows its evidence and can be appealed."""

    PAUSE = "pause", "Paused in a project"
    CREDENTIAL_REJECTED = "credential_rejected", "Credential not accepted"
    CREDENTIAL_REVOKED = "credential_revoked", "Credential revoked"
    QUALIFICATION_FAILED = "qualification_failed", "Qualification not passed"


class AppealOutcome(models.TextChoices):
    """What an appeal came to."""

    UPHELD = "upheld", "The decision stands"
    OVERTURNED = "overturned", "The decision is taken back"


class ExerciseKind(models.TextChoices):
    """What a set task is for."""

    PRACTICE = "practice", "Practice"
    QUALIFICATION = "qualification", "Qualification"


class AttemptState(models.TextChoices):
    """Where somebody's answer to an exercise stands."""

    DRAFT = "draft", "Being written"
    SUBMITTED = "submitted", "Waiting to be graded"
    PASSED = "passed", "Passed"
    FAILED = "failed", "Not passed"
    PRACTISED = "practised", "Practised"


class NotificationKind(models.TextChoices):
    """What people are told about; each kind has its own choice of e-mail."""

    RETURNED = "returned", "Work that came back to you"
    DECIDED = "decided", "Verdicts on your work"
    LEASE = "lease", "Time that ran out"
    DUE = "due", "Due days of your work"
    CREDENTIAL = "credential", "Your credentials"
    QUALIFICATION = "qualification", "Your qualification tasks"
    STANDING = "standing", "Pauses and appeals"
    QUESTION = "question", "Questions to you, and answers to yours"
    MEMBERSHIP = "membership", "Invitations and roles"
    TO_VERIFY = "to_verify", "Credentials and tasks that wait for a lead"
    DRIFT = "drift", "Reviewers whose strictness has moved"


class Delivery(models.TextChoices):
    """How a kind of notification reaches the mailbox; the inbox on the page has them all."""

    AT_ONCE = "at_once", "At once"
    DAILY = "daily", "In one mail a day"
    OFF = "off", "Only on the page"


class WorkKind(models.TextChoices):
    """What is paid for."""

    RECORD = "record", "Approved response"
    REVIEW = "review", "Review"
    HOUR = "hour", "Hour of active writing"
