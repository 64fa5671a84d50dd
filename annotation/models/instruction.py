"""The input that a response answers."""

import re
import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.text import Truncator

from annotation.enums import TargetKind
from lib.json_field import WrittenJSONField
from lib.triggers import append_only
from lib.uuid7 import uuid7

# Marks of Markdown, which a list of titles does not lay out.
_MARKS = re.compile(r"\*\*|`|^[#>\s]+(?=\S)")


class Instruction(models.Model):
    """One immutable version of an instruction; a correction is a new row of the same `series`.

    `messages` is [{"role": system|user|assistant|tool, "content": text}]; `requirements` is
    [{"id", "text", "kind": ask|constraint|false_premise, "check"?}]; `evidence` is [{"id", "title",
    "text"?, "url"?, "attachment"?}]; `content_sha256` identifies the content within a project, so that
    the same file imported again adds nothing.
    """

    key = models.UUIDField(default=uuid7, unique=True, editable=False)
    series = models.UUIDField(default=uuid.uuid4, editable=False)
    version = models.PositiveIntegerField(default=1)
    project = models.ForeignKey(
        "experts.Project", on_delete=models.PROTECT, related_name="instructions", db_index=False
    )
    external_id = models.CharField(max_length=200, blank=True)
    messages = WrittenJSONField()
    evidence = models.JSONField(default=list)
    attachments = models.JSONField(default=list)
    tools = WrittenJSONField(default=list)
    requirements = models.JSONField(default=list)
    target_kind = models.CharField(max_length=12, choices=TargetKind, default=TargetKind.TEXT)
    target_schema = WrittenJSONField(default=dict)
    domain = models.ForeignKey("experts.Domain", on_delete=models.PROTECT, related_name="+")
    language = models.CharField(max_length=20, default="en")
    difficulty = models.PositiveSmallIntegerField(default=3)
    task_type = models.CharField(max_length=60, blank=True)
    tags = models.JSONField(default=list)
    source = models.JSONField(default=dict)
    rights = models.JSONField(default=dict)
    responses_wanted = models.PositiveSmallIntegerField(default=1)
    content_sha256 = models.BinaryField(max_length=32)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)
    # The file that brought it in through a page or a program, so that its tasks can be found together.
    import_run = models.ForeignKey(
        "annotation.ImportRun",
        null=True,
        on_delete=models.PROTECT,
        related_name="instructions",
        db_index=False,
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "content_sha256"], name="instruction_once"),
            models.UniqueConstraint(fields=["series", "version"], name="instruction_version"),
            models.CheckConstraint(
                condition=models.Q(difficulty__gte=1, difficulty__lte=5),
                name="instruction_difficulty",
            ),
            models.CheckConstraint(
                condition=models.Q(responses_wanted__gte=1), name="instruction_responses_wanted"
            ),
        ]
        indexes = [
            models.Index(fields=["project", "external_id"]),
            models.Index(
                fields=["import_run"],
                condition=models.Q(import_run__isnull=False),
                name="instruction_of_import",
            ),
        ]
        triggers = append_only("annotation_instruction")

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        """The first line of the last user message, for lists."""
        asked = [message for message in self.messages if message.get("role") == "user"]
        text = str(asked[-1].get("content", "")) if asked else ""
        line = next((line.strip() for line in text.splitlines() if line.strip()), "Untitled")
        return Truncator(_MARKS.sub("", line)).chars(160)
