"""What an approved revision becomes: frozen bytes, never changed."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from exports.enums import Reason
from lib.triggers import append_only


class Record(models.Model):
    """One approved revision as canonical JSON text, with the columns by which data sets select.

    `data` follows exports/record.schema.json without what a release decides (split, mixture, weight).
    `group_key` names what must stay on one side of a split: the instruction's series, or the source
    document or case that the import named.
    """

    record_id = models.UUIDField()
    number = models.PositiveIntegerField(help_text="The revision's number.")
    revision = models.OneToOneField(
        "annotation.Revision", on_delete=models.PROTECT, related_name="record"
    )
    task = models.ForeignKey("annotation.Task", on_delete=models.PROTECT, related_name="records")
    project = models.ForeignKey(
        "experts.Project", on_delete=models.PROTECT, related_name="records", db_index=False
    )
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    data = models.TextField()
    content_sha256 = models.CharField(max_length=64)
    kind = models.CharField(max_length=12)
    domain = models.CharField(max_length=400, help_text="Path of the domain.")
    language = models.CharField(max_length=20)
    difficulty = models.PositiveSmallIntegerField()
    task_type = models.CharField(max_length=60, blank=True)
    quality_class = models.CharField(max_length=1)
    use = models.CharField(max_length=12)
    licence = models.CharField(max_length=80)
    policy_category = models.CharField(max_length=80, blank=True)
    group_key = models.CharField(max_length=200)
    approved_at = models.DateTimeField()
    retention_until = models.DateField(null=True)
    characters = models.PositiveIntegerField(help_text="Code points of the whole conversation.")
    has_tools = models.BooleanField(default=False)
    has_reasoning = models.BooleanField(default=False)
    has_masks = models.BooleanField(default=False)
    has_attachments = models.BooleanField(default=False)
    checks = models.JSONField(default=dict, help_text="{check: version} of what it was checked by.")
    frozen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["record_id", "number"], name="record_revision"),
        ]
        indexes = [
            models.Index(fields=["project", "domain"]),
            models.Index(fields=["group_key"]),
            # Few and far between, and asked for with every release: their files travel with it.
            models.Index(
                fields=["id"], condition=models.Q(kind="trajectory"), name="record_trajectory"
            ),
        ]
        triggers = append_only("exports_record")

    def __str__(self) -> str:
        return f"Record {self.record_id} revision {self.number}"


class Alternative(models.Model):
    """A text that was not approved, kept beside the approved one for preference pairs."""

    record = models.ForeignKey(
        Record, on_delete=models.PROTECT, related_name="alternatives", db_index=False
    )
    revision = models.ForeignKey("annotation.Revision", on_delete=models.PROTECT, related_name="+")
    data = models.TextField(help_text="One entry of the record's `alternatives`, as JSON text.")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["record", "revision"], name="alternative_once"),
        ]
        triggers = append_only("exports_alternative")

    def __str__(self) -> str:
        return f"Alternative to {self.record_id}"


class Spelling(models.Model):
    """Something in a record's text that is spelled like a control token of a chat template."""

    record = models.ForeignKey(
        Record, on_delete=models.PROTECT, related_name="spellings", db_index=False
    )
    token = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["record", "token"], name="spelling_once"),
        ]
        indexes = [models.Index(fields=["token", "record"])]
        triggers = append_only("exports_spelling")

    def __str__(self) -> str:
        return f"{self.record_id} spells {self.token}"


class Unfit(models.Model):
    """An approved revision that cannot be written as a record, and why."""

    revision = models.OneToOneField(
        "annotation.Revision", on_delete=models.PROTECT, related_name="unfit"
    )
    project = models.ForeignKey("experts.Project", on_delete=models.PROTECT, related_name="+")
    reason = models.TextField()
    noted_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"Revision {self.revision_id}: {self.reason}"


class Withdrawal(models.Model):
    """A tombstone: no release made from now on carries this record, in any revision."""

    record_id = models.UUIDField(unique=True)
    project = models.ForeignKey("experts.Project", on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=12, choices=Reason)
    note = models.TextField(blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Nobody where a date did it.",
    )
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-at", "-id"]
        triggers = append_only("exports_withdrawal")

    def __str__(self) -> str:
        return f"Withdrawal of {self.record_id}"


class PairConsent(models.Model):
    """A person's word on their texts that were not approved: whether they may travel in preference pairs.

    The newest word counts for releases cut after it; without any, nothing of theirs travels.
    """

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="pair_consents",
        db_index=False,
    )
    allowed = models.BooleanField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["person", "-id"])]
        triggers = append_only("exports_pairconsent")

    def __str__(self) -> str:
        return f"{self.person}: {'yes' if self.allowed else 'no'}"
