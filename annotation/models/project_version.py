"""What a project asks for: editing makes a new version, work pins the version it was done under."""

from django.db import models
from django.utils import timezone

from lib.triggers import append_only


def default_pipeline() -> list[dict[str, object]]:
    """One expert seat, then one format seat."""
    return [{"stage": "expert", "seats": 1}, {"stage": "format", "seats": 1}]


class ProjectVersion(models.Model):
    """One immutable version of a commission.

    `format_spec` follows checks.format_spec; `rubrics` is {stage: {"criteria": [{"id", "label",
    "anchors": {"pass", "fix", "fail"}}]}}; `pipeline` is [{"stage", "seats"}]; `settings` holds
    switches and limits whose defaults stand in annotation.project_settings.
    """

    project = models.ForeignKey(
        "experts.Project", on_delete=models.PROTECT, related_name="versions", db_index=False
    )
    number = models.PositiveIntegerField()
    summary = models.CharField(max_length=300, blank=True)
    guideline = models.TextField(blank=True)
    format_spec = models.JSONField(default=dict)
    rubrics = models.JSONField(default=dict)
    pipeline = models.JSONField(default=default_pipeline)
    coverage_targets = models.JSONField(default=dict)
    rights = models.JSONField(default=dict)
    responses_wanted = models.PositiveSmallIntegerField(default=1)
    lease_minutes = models.PositiveIntegerField(default=120)
    settings = models.JSONField(default=dict)
    change_note = models.CharField(max_length=300, blank=True)
    created_by = models.ForeignKey(
        "experts.User", null=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["project", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="project_version_number"),
            models.CheckConstraint(
                condition=models.Q(lease_minutes__gte=1), name="project_version_lease"
            ),
        ]
        triggers = append_only("annotation_projectversion")

    def __str__(self) -> str:
        return f"{self.project} v{self.number}"
