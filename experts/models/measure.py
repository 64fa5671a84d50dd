"""Decisions that cost somebody something, with their evidence, and appeals against them."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from experts.enums import AppealOutcome, MeasureKind
from lib.triggers import refuse

_OTHER_PERSON_DECIDES = """
IF NEW.decided_by_id IS NOT NULL AND EXISTS (
  SELECT 1 FROM experts_measure
  WHERE id = NEW.measure_id AND (decided_by_id = NEW.decided_by_id OR person_id = NEW.decided_by_id)
) THEN
  {refuse}
END IF;
RETURN NEW;
""".format(
    refuse=refuse(
        "appeal_decided_by_another", "an appeal is decided by somebody who took no part so far"
    )
)


class Measure(models.Model):
    """One decision against a person. `evidence` is [{"text", "url"?}], shown to them in full."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="measures"
    )
    kind = models.CharField(max_length=24, choices=MeasureKind)
    project = models.ForeignKey(
        "experts.Project", null=True, on_delete=models.PROTECT, related_name="measures"
    )
    credential = models.ForeignKey(
        "experts.Credential", null=True, on_delete=models.PROTECT, related_name="measures"
    )
    attempt = models.ForeignKey(
        "experts.Attempt", null=True, on_delete=models.PROTECT, related_name="measures"
    )
    reason = models.TextField()
    evidence = models.JSONField(default=list)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(default=timezone.now)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    lifted_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="measure_has_reason"),
            models.UniqueConstraint(
                fields=["person", "project"],
                condition=Q(kind=MeasureKind.PAUSE, lifted_at=None),
                name="measure_one_pause_a_project",
            ),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()


class Appeal(models.Model):
    """The person's answer to a measure, and what an uninvolved person made of it."""

    measure = models.OneToOneField(Measure, on_delete=models.PROTECT, related_name="appeal")
    text = models.TextField()
    opened_at = models.DateTimeField(default=timezone.now)
    outcome = models.CharField(max_length=12, choices=AppealOutcome, blank=True)
    answer = models.TextField(blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["opened_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome="", decided_by=None, decided_at=None)
                | (
                    ~Q(outcome="")
                    & ~Q(answer="")
                    & Q(decided_by__isnull=False, decided_at__isnull=False)
                ),
                name="appeal_decided_whole",
            )
        ]
        triggers = [
            pgtrigger.Trigger(
                name="another_decides",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("decided_by_id"),
                func=_OTHER_PERSON_DECIDES,
            )
        ]

    def __str__(self) -> str:
        return f"Appeal against {self.measure}"
