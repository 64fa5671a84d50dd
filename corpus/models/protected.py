"""Protected benchmarks: keyed hashes of their word runs, so that the text is never here."""

from django.conf import settings
from django.db import models
from django.utils import timezone


class ProtectedSet(models.Model):
    """One imported benchmark. `key_check` tells whether the key of today is that of the import."""

    name = models.CharField(max_length=100, unique=True)
    source = models.CharField(max_length=200, blank=True)
    items = models.PositiveIntegerField(default=0)
    grams = models.PositiveBigIntegerField(default=0)
    gram_version = models.PositiveSmallIntegerField()
    key_check = models.BigIntegerField()
    imported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    imported_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class ProtectedItem(models.Model):
    """One text of a benchmark item, by its name in the benchmark. Lengths in words' worth; `whole` is
    the keyed hash of the complete text, `own` the words outside the benchmark's templates.
    """

    protected_set = models.ForeignKey(ProtectedSet, on_delete=models.CASCADE, related_name="texts")
    name = models.CharField(max_length=200)
    tokens = models.PositiveIntegerField()
    words = models.FloatField()
    own = models.FloatField()
    whole = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["whole"], name="protected_item_whole")]

    def __str__(self) -> str:
        return self.name


class ProtectedGram(models.Model):
    """One run of five words of an item and its position; `common` runs are templates of the set."""

    pk = models.CompositePrimaryKey("h", "item_id", "position")
    h = models.BigIntegerField()
    item = models.ForeignKey(
        ProtectedItem,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        related_name="grams",
        db_index=False,
    )
    position = models.PositiveIntegerField()
    common = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["item", "h"], name="protected_gram_item")]

    def __str__(self) -> str:
        return f"{self.h} of {self.item_id}"
