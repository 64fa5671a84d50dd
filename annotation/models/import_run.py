"""A file that is being brought in through the page: upload, mapping, dry run, run, and what was refused."""

import uuid
from pathlib import PurePath

from django.conf import settings
from django.db import models
from django.utils import timezone

from annotation.enums import ImportState
from annotation.workflow import IMPORT
from lib.triggers import moves_only


def stored_as(run: "ImportRun", name: str) -> str:
    """A name that nobody chose, with the endings that tell the kind of file."""
    endings = "".join(PurePath(name).suffixes[-2:])[:20].lower()
    return f"imports/{run.key}{endings if endings.replace('.', '').isalnum() else ''}"


def stored_as_zip(run: "ImportRun", name: str) -> str:
    """A name that nobody chose, beside the rows."""
    return f"imports/{run.key}-files.zip"


class ImportRun(models.Model):
    """One file on its way into a project. `plan` follows annotation.importing.plan; the counts belong to the
    last dry run until the real one begins, and change together with the rows they count."""

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    project = models.ForeignKey(
        "experts.Project", on_delete=models.PROTECT, related_name="imports", db_index=False
    )
    name = models.CharField(max_length=200)
    file = models.FileField(upload_to=stored_as, max_length=200)
    size = models.PositiveBigIntegerField()
    # The images and PDFs that rows name, as one ZIP, where there are any.
    files = models.FileField(upload_to=stored_as_zip, max_length=200, blank=True)
    plan = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=ImportState, default=ImportState.UPLOADED)
    read = models.PositiveBigIntegerField(default=0)
    added = models.PositiveBigIntegerField(default=0)
    present = models.PositiveBigIntegerField(default=0)
    refused = models.PositiveBigIntegerField(default=0)
    answers = models.PositiveBigIntegerField(default=0)
    bytes_read = models.PositiveBigIntegerField(default=0)
    misnamed = models.JSONField(default=list)  # names of tools that no release takes
    problem = models.TextField(blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)
    state_since = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["project", "-id"])]
        triggers = moves_only(IMPORT)

    def __str__(self) -> str:
        return f"Import of {self.name}"

    @property
    def under_way(self) -> bool:
        """Whether a job works on it now."""
        return self.state in {ImportState.CHECKING, ImportState.RUNNING}


class ImportRefusal(models.Model):
    """One row that was not taken. The newest run of the file replaces those of the one before."""

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="refusals")
    line = models.PositiveBigIntegerField()
    field = models.CharField(max_length=60, blank=True)
    reason = models.TextField()
    value = models.TextField(blank=True)

    class Meta:
        ordering = ["run", "id"]

    def __str__(self) -> str:
        return f"Line {self.line}: {self.reason}"
