"""A run of checks over everything that a project holds, and what it changes."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone


class CheckRun(models.Model):
    """`checks` are the ids run, `format_spec` the spec tried; `keep` adds the new findings to the
    revisions, otherwise the run is a dry one. `counts` is {check: {"before", "after", "appeared",
    "gone"}} in responses, `examples` is [{"ref", "check", "change", "message"}]; `reached` is the
    last row looked at. `tries` counts the jobs that began there and did not get on, `moved_at` is when a
    job last began or got on.
    """

    WAITING, RUNNING, DONE, FAILED = "waiting", "running", "done", "failed"

    scope = models.CharField(max_length=100)
    checks = models.JSONField(default=list)
    format_spec = models.JSONField(default=dict)
    keep = models.BooleanField(default=False)
    state = models.CharField(max_length=8, default=WAITING)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    reached = models.BigIntegerField(default=0)
    tries = models.PositiveSmallIntegerField(default=0, db_default=0)
    moved_at = models.DateTimeField(default=timezone.now, db_default=Now())
    counts = models.JSONField(default=dict)
    examples = models.JSONField(default=list)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    started_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-started_at", "-pk"]
        indexes = [models.Index(fields=["scope", "-started_at"], name="check_run_by_scope")]

    def __str__(self) -> str:
        return f"Run {self.pk} in {self.scope}"

    @property
    def under_way(self) -> bool:
        """Whether a job works on it, or will."""
        return self.state in {self.WAITING, self.RUNNING}
