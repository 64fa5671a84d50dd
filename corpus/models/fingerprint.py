"""How a known text is found again: by digest, by sketch, by sampled runs. Never the text itself."""

from django.db import models
from django.utils import timezone

from corpus.enums import Kind


class Fingerprint(models.Model):
    """One known text. `ref` names it to the app that holds it (`task:17`, `instruction:4`), `scope`
    is where it belongs (`project:3`), `digest` the SHA-256 of the normalised text. A `released` one
    is held against the texts of every scope.
    """

    kind = models.CharField(max_length=12, choices=Kind)
    ref = models.CharField(max_length=100)
    scope = models.CharField(max_length=100)
    digest = models.BinaryField(max_length=32)
    sketch_version = models.PositiveSmallIntegerField()
    released = models.BooleanField(default=False, db_default=False)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "ref"], name="fingerprint_once"),
        ]
        indexes = [models.Index(fields=["digest"], name="fingerprint_digest")]

    def __str__(self) -> str:
        return f"{self.kind} {self.ref}"


class Band(models.Model):
    """One MinHash band of a fingerprint; the primary key is the index that look-ups read.

    No foreign key in the database: 25 checks a row would cost more than the insert, and the one
    service that deletes fingerprints deletes their bands.
    """

    pk = models.CompositePrimaryKey("h", "fingerprint_id")
    h = models.BigIntegerField()
    fingerprint = models.ForeignKey(
        Fingerprint, on_delete=models.DO_NOTHING, db_constraint=False, related_name="bands"
    )

    def __str__(self) -> str:
        return f"{self.h} of {self.fingerprint_id}"


class Run(models.Model):
    """One sampled run of eight words of a response, for copied passages."""

    pk = models.CompositePrimaryKey("h", "fingerprint_id")
    h = models.BigIntegerField()
    fingerprint = models.ForeignKey(
        Fingerprint, on_delete=models.DO_NOTHING, db_constraint=False, related_name="runs"
    )

    def __str__(self) -> str:
        return f"{self.h} of {self.fingerprint_id}"
