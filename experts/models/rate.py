"""What work is paid."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from experts.enums import WorkKind
from lib.triggers import append_only


class Rate(models.Model):
    """An amount for a kind of work in a project from a day on; a later rate takes over on its day."""

    project = models.ForeignKey("experts.Project", on_delete=models.PROTECT, related_name="rates")
    kind = models.CharField(max_length=10, choices=WorkKind)
    amount = models.DecimalField(max_digits=10, decimal_places=2)
    currency = models.CharField(max_length=3, default="EUR")
    valid_from = models.DateField()
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["project", "kind", "valid_from", "id"]
        constraints = [models.CheckConstraint(condition=Q(amount__gte=0), name="rate_not_negative")]
        triggers = append_only("experts_rate")

    def __str__(self) -> str:
        return f"{self.amount} {self.currency} per {self.get_kind_display().lower()}"
