"""Two known texts that are alike, and what was decided about them."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from corpus.enums import Kind, PairState


class Pair(models.Model):
    """`first` and `second` are references in text order; `kept` is the one that stays. `origin` is the
    import whose instructions made the pair."""

    kind = models.CharField(max_length=12, choices=Kind)
    scope = models.CharField(max_length=100)
    first = models.CharField(max_length=100)
    second = models.CharField(max_length=100)
    score = models.FloatField()
    exact = models.BooleanField(default=False)
    origin = models.CharField(max_length=100, blank=True, db_default="")
    state = models.CharField(max_length=10, choices=PairState, default=PairState.OPEN)
    kept = models.CharField(max_length=100, blank=True)
    reason = models.TextField(blank=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    settled_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "first", "second"], name="pair_once"),
            models.CheckConstraint(
                condition=models.Q(first__lt=models.F("second")), name="pair_in_order"
            ),
            models.CheckConstraint(
                condition=models.Q(state=PairState.OPEN, settled_at=None)
                | models.Q(settled_at__isnull=False, settled_by__isnull=False),
                name="pair_settled_by_somebody",
            ),
            models.CheckConstraint(
                condition=~models.Q(state=PairState.KEEP_BOTH) | ~models.Q(reason=""),
                name="pair_both_kept_for_a_reason",
            ),
        ]
        indexes = [
            models.Index(fields=["scope", "state", "-score"], name="pair_by_scope"),
            models.Index(fields=["second"], name="pair_second"),
            models.Index(fields=["origin"], name="pair_by_origin", condition=~models.Q(origin="")),
        ]

    def __str__(self) -> str:
        return f"{self.first} and {self.second}"
