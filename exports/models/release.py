"""An immutable, numbered version of a data set, and the files it is made of."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from exports.enums import Bump, ReleaseState, Split
from exports.models.pin import Pin
from exports.workflow import FINAL, RELEASE
from lib.triggers import moves_only, refuse

# Once built, a release differs only in where it stands; the advisory is written when a record of it
# is withdrawn later.
_MAY_CHANGE = (
    "'{state,state_since,published_at,published_by_id,withdrawn_reason,withdrawn_note,advisory}'"
)

_READ_ONLY = """
IF to_jsonb(NEW) - {columns}::text[] IS DISTINCT FROM to_jsonb(OLD) - {columns}::text[] THEN
  {refuse}
END IF;
RETURN NEW;
""".format(columns=_MAY_CHANGE, refuse=refuse("release_read_only", "a built release never changes"))

_PART_OF_FINAL = f"""
IF EXISTS (SELECT 1 FROM exports_release WHERE id = OLD.release_id AND state IN {FINAL}) THEN
  {refuse("release_read_only", "a built release never changes")}
END IF;
IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
RETURN NEW;
"""

_ADDED_TO_FINAL = f"""
IF EXISTS (
  SELECT 1 FROM exports_release
  WHERE state IN {FINAL} AND id IN (SELECT DISTINCT release_id FROM added)
) THEN
  {refuse("release_read_only", "a built release never changes")}
END IF;
RETURN NULL;
"""


def part_of_release() -> list[pgtrigger.Trigger]:
    """Triggers for rows of a release: once it is built, none is added, changed or taken away."""
    return [
        pgtrigger.Trigger(
            name="read_only",
            when=pgtrigger.Before,
            operation=pgtrigger.Update | pgtrigger.Delete,
            func=_PART_OF_FINAL,
        ),
        pgtrigger.Trigger(
            name="nothing_added",
            level=pgtrigger.Statement,
            when=pgtrigger.After,
            operation=pgtrigger.Insert,
            referencing=pgtrigger.Referencing(new="added"),
            func=_ADDED_TO_FINAL,
        ),
    ]


class Release(models.Model):
    """One version. `snapshot` holds every fact its papers tell, so that a rebuild needs no other."""

    dataset = models.ForeignKey(
        "exports.Dataset", on_delete=models.PROTECT, related_name="releases"
    )
    major = models.PositiveIntegerField()
    minor = models.PositiveIntegerField()
    patch = models.PositiveIntegerField()
    bump = models.CharField(max_length=6, choices=Bump)
    previous = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="successors"
    )
    state = models.CharField(max_length=12, choices=ReleaseState, default=ReleaseState.DRAFT)
    state_since = models.DateTimeField(default=timezone.now)
    cut_at = models.DateTimeField(default=timezone.now)
    snapshot = models.JSONField(default=dict)
    tally = models.JSONField(
        default=dict, help_text="What it holds, counted: {column: {value: records}}."
    )
    shape = models.JSONField(default=dict)
    shards_total = models.PositiveIntegerField(default=0)
    shards_done = models.PositiveIntegerField(default=0)
    problem = models.TextField(blank=True)
    manifest_sha256 = models.CharField(max_length=64, blank=True)
    signature = models.TextField(
        blank=True, help_text="manifest.sig, for a rebuild without the store."
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    published_at = models.DateTimeField(null=True)
    withdrawn_reason = models.CharField(max_length=12, blank=True)
    withdrawn_note = models.TextField(blank=True)
    advisory = models.TextField(blank=True)

    class Meta:
        ordering = ["-major", "-minor", "-patch", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["dataset", "major", "minor", "patch"],
                condition=Q(state__in=[ReleaseState.PUBLISHED, ReleaseState.WITHDRAWN]),
                name="release_version_once",
            ),
            models.CheckConstraint(
                condition=~Q(state=ReleaseState.PUBLISHED) | Q(published_at__isnull=False),
                name="release_published_when",
            ),
        ]
        triggers = [
            *moves_only(RELEASE),
            pgtrigger.Trigger(
                name="read_only",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(f"OLD.state IN {FINAL}"),
                func=_READ_ONLY,
            ),
            pgtrigger.Trigger(
                name="no_delete",
                when=pgtrigger.Before,
                operation=pgtrigger.Delete,
                condition=pgtrigger.Condition("OLD.state IN ('published', 'withdrawn')"),
                func=refuse("release_no_delete", "a published release is never deleted"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.dataset.slug} {self.version}"

    @property
    def version(self) -> str:
        """MAJOR.MINOR.PATCH."""
        return f"{self.major}.{self.minor}.{self.patch}"

    @property
    def pins(self) -> models.QuerySet[Pin]:
        """Its records, each with where and how it trains."""
        return Pin.objects.filter(dataset=self.dataset_id, since__lte=self.pk, until__gt=self.pk)


class Shard(models.Model):
    """A built shard, named by what it was built from; releases share it."""

    key = models.CharField(max_length=64, unique=True)
    parts = models.JSONField(help_text="{role: {sha256, bytes, records, rows}}")
    counts = models.JSONField(help_text="{format: {records, rows, left_out, lost}}")
    built_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.key


class ReleaseShard(models.Model):
    """Which shard holds which stretch of a split: ordinals from `first` up to `last`."""

    release = models.ForeignKey(
        Release, on_delete=models.CASCADE, related_name="shards", db_index=False
    )
    split = models.CharField(max_length=12, choices=Split)
    number = models.PositiveIntegerField()
    first = models.PositiveIntegerField()
    last = models.PositiveIntegerField()
    records = models.PositiveIntegerField()
    digest = models.CharField(
        max_length=64, blank=True, help_text="SHA-256 of its records' pins, in order."
    )
    key = models.CharField(max_length=64, db_index=True)

    class Meta:
        ordering = ["split", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["release", "split", "number"], name="release_shard_once"
            ),
        ]
        triggers = part_of_release()

    def __str__(self) -> str:
        return f"{self.split} {self.number}"


class ReleaseFile(models.Model):
    """One file as it is delivered: its digest, and the chunks that make it up in order."""

    release = models.ForeignKey(
        Release, on_delete=models.CASCADE, related_name="files", db_index=False
    )
    path = models.CharField(max_length=300)
    sha256 = models.CharField(max_length=64)
    crc32 = models.BigIntegerField()
    bytes = models.BigIntegerField()
    records = models.PositiveIntegerField(null=True)
    rows = models.PositiveIntegerField(null=True)
    split = models.CharField(max_length=12, blank=True)
    schema = models.CharField(max_length=80, blank=True)
    chunks = models.JSONField(help_text="[[sha256, bytes], …]")

    class Meta:
        ordering = ["path"]
        constraints = [
            models.UniqueConstraint(fields=["release", "path"], name="release_file_once"),
        ]
        triggers = part_of_release()

    def __str__(self) -> str:
        return self.path
