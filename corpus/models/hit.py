"""A protected item met in one of our texts, and what was decided about it."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from corpus.enums import HitState
from corpus.models.protected import ProtectedItem

_PLACES = {
    "system": "system message",
    "user": "user turn",
    "tool": "tool result",
    "assistant": "response",
}


class Hit(models.Model):
    """`ref` names our text, `content` the SHA-256 of what was looked at: a waiver holds for that
    text, item and version of the look-up only. `origin` is the import whose instructions met it.
    """

    ref = models.CharField(max_length=100)
    scope = models.CharField(max_length=100)
    content = models.BinaryField(max_length=32)
    item = models.ForeignKey(ProtectedItem, on_delete=models.CASCADE, related_name="hits")
    gram_version = models.PositiveSmallIntegerField()
    coverage = models.FloatField()
    held = models.BooleanField()
    where = models.JSONField(default=dict)
    origin = models.CharField(max_length=100, blank=True, db_default="")
    state = models.CharField(max_length=10, choices=HitState, default=HitState.OPEN)
    reason = models.TextField(blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["ref", "content", "item", "gram_version"], name="hit_once"
            ),
            models.CheckConstraint(
                condition=~models.Q(state=HitState.WAIVED)
                | (~models.Q(reason="") & models.Q(decided_by__isnull=False)),
                name="hit_waived_for_a_reason",
            ),
        ]
        indexes = [
            models.Index(fields=["scope", "state", "-coverage"], name="hit_by_scope"),
            models.Index(fields=["origin"], name="hit_by_origin", condition=~models.Q(origin="")),
        ]

    def __str__(self) -> str:
        return f"{self.ref}: {self.item}"

    @property
    def place(self) -> str:
        """In which turn the item stands, in words."""
        part = self.where.get("part", "response")
        if "call" in self.where:
            name = self.where.get("argument")
            return f"argument “{name}” of a tool call" if name else "arguments of a tool call"
        role = self.where.get("role") or ("assistant" if part == "response" else part)
        if part == "instruction" and role == "assistant":
            return "earlier answer"
        return _PLACES.get(str(role), str(part))
