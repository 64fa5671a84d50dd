"""What was submitted, and what the checks found in it: never changed."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils import timezone

from annotation.enums import Severity
from lib.json_field import WrittenJSONField
from lib.triggers import append_only, refuse

_HELD_CREDENTIAL = """
IF NOT EXISTS (
  SELECT 1
  FROM experts_credential credential
  JOIN experts_credential_domains covers ON covers.credential_id = credential.id
  JOIN experts_domain domain ON domain.id = covers.domain_id
  JOIN annotation_task task ON task.id = NEW.task_id
  JOIN experts_domain wanted ON wanted.id = task.domain_id
  WHERE credential.id = NEW.credential_id
    AND credential.person_id = NEW.{person}
    AND credential.state = 'verified'
    AND (credential.expires_on IS NULL OR credential.expires_on >= CURRENT_DATE)
    AND (wanted.path = domain.path OR wanted.path LIKE domain.path || '.%%')
) THEN
  {refuse}
END IF;
RETURN NEW;
"""


def holds_credential(name: str, person: str) -> pgtrigger.Trigger:
    """A trigger: `person` holds the named credential, valid now, in the domain of the row's task."""
    refusal = refuse(name, "the person holds no valid credential in this domain")
    return pgtrigger.Trigger(
        name="holds_credential",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        func=_HELD_CREDENTIAL.replace("%%", "%").format(person=person, refuse=refusal),
    )


class Revision(models.Model):
    """One immutable submission. `target` is described in annotation.targets; `credential` is the proof
    of expertise the author held at that moment; `log_complete` says whether the writing log replays to
    exactly this text.
    """

    task = models.ForeignKey(
        "annotation.Task", on_delete=models.PROTECT, related_name="revisions", db_index=False
    )
    number = models.PositiveIntegerField()
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="revisions"
    )
    assignment = models.ForeignKey(
        "annotation.Assignment", on_delete=models.PROTECT, related_name="revisions"
    )
    credential = models.ForeignKey("experts.Credential", on_delete=models.PROTECT, related_name="+")
    project_version = models.ForeignKey(
        "annotation.ProjectVersion", on_delete=models.PROTECT, related_name="+"
    )
    target = WrittenJSONField()
    content_sha256 = models.BinaryField(max_length=32)
    coverage = models.JSONField(default=list)
    sources = models.JSONField(default=list)
    note = models.TextField(blank=True, help_text="What the author says to the reviewers.")
    log_summary = models.JSONField(default=dict)
    log_sequence = models.PositiveIntegerField(default=0)
    log_head = models.BinaryField(max_length=32, default=bytes)
    log_complete = models.BooleanField(default=False)
    attestation = models.TextField()
    submitted_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["task", "number"]
        constraints = [models.UniqueConstraint(fields=["task", "number"], name="revision_number")]
        triggers = [
            *append_only("annotation_revision"),
            holds_credential("revision_author_credential", "author_id"),
        ]

    def __str__(self) -> str:
        return f"Revision {self.number} of task {self.task_id}"

    @property
    def text(self) -> str:
        """The words of the target as one text: what a diff, a length and a search look at."""
        messages = self.target.get("messages", [])
        parts = [
            message.get("content") or ""
            for message in messages
            if message.get("role") == "assistant"
        ]
        return "\n\n".join(parts) if messages else str(self.target.get("text", ""))


class Finding(models.Model):
    """What one check found in one revision; `reason` is the author's answer to a warning."""

    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="findings")
    check_id = models.CharField(max_length=60)
    check_version = models.CharField(max_length=20)
    severity = models.CharField(max_length=8, choices=Severity)
    message = models.TextField()
    advice = models.TextField(blank=True)
    where = models.JSONField(default=dict)
    data = models.JSONField(default=dict)
    reason = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["check_id", "severity"])]
        triggers = append_only("annotation_finding")

    def __str__(self) -> str:
        return f"{self.check_id} {self.severity}"
