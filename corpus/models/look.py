"""A look through very many texts, and how far it is."""

from django.db import models
from django.utils import timezone


class Look(models.Model):
    """`origin` says what for: `import:5` for the instructions of an import, `set:3` for a protected set
    that came after the texts. `reached` is the last reference looked at, where the look has an order.
    """

    origin = models.CharField(max_length=100, unique=True)
    total = models.PositiveBigIntegerField(default=0)
    done = models.PositiveBigIntegerField(default=0)
    reached = models.CharField(max_length=100, blank=True)
    started_at = models.DateTimeField(default=timezone.now)
    moved_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.origin}: {self.done} of {self.total}"
