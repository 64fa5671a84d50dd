"""A saved selection, and where each of its records stands."""

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone

from exports.enums import Split

NAME = r"^[a-z0-9][a-z0-9-]{0,59}$"


def default_shares() -> dict[str, float]:
    """Eight tenths to train on, one to choose by, one to measure with."""
    return {"train": 0.8, "validation": 0.1, "test": 0.1, "held_out": 0.0}


class Dataset(models.Model):
    """What belongs in, how it is mixed and split.

    `selection` follows exports.selection.Selection; `mixture` is [{"member", "where": selection,
    "weight", "cap"}]; `shares` gives each split its part; `salt` keeps the split from being guessed.
    `formats` are the slugs of the training formats it carries, empty for all; `pinned_checks` is
    {check: version}: a record that was checked by another version is left out.
    """

    slug = models.CharField(max_length=60, unique=True, validators=[RegexValidator(NAME)])
    title = models.CharField(max_length=160)
    description = models.TextField(blank=True)
    projects = models.ManyToManyField("experts.Project", related_name="datasets")
    selection = models.JSONField(default=dict, blank=True)
    mixture = models.JSONField(default=list, blank=True)
    shares = models.JSONField(default=default_shares)
    coverage_targets = models.JSONField(default=dict, blank=True)
    preference_pairs = models.BooleanField(default=False)
    formats = models.JSONField(default=list, blank=True)
    pinned_checks = models.JSONField(default=dict, blank=True)
    licence = models.CharField(max_length=80, default="cc-by-4.0")
    attribution = models.CharField(max_length=300, blank=True)
    contact = models.EmailField(blank=True)
    salt = models.CharField(max_length=64, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["title"]

    def __str__(self) -> str:
        return self.title


class Place(models.Model):
    """Where a record stands in a data set, given once and kept: its split and its number there.

    The number decides the shard, so what is added later leaves earlier shards as they are.
    """

    dataset = models.ForeignKey(
        Dataset, on_delete=models.CASCADE, related_name="places", db_index=False
    )
    record_id = models.UUIDField()
    split = models.CharField(max_length=12, choices=Split)
    ordinal = models.PositiveIntegerField()
    group_key = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["dataset", "record_id"], name="place_once"),
            models.UniqueConstraint(fields=["dataset", "split", "ordinal"], name="place_ordinal"),
        ]
        indexes = [models.Index(fields=["dataset", "group_key"])]

    def __str__(self) -> str:
        return f"{self.split} {self.ordinal}"
