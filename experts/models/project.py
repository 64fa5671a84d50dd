"""Projects as places where people belong; what is commissioned there is versioned above."""

from django.db import models
from django.utils import timezone

from experts.enums import Role


class Project(models.Model):
    """The identity of a commission. Its guideline, format and rubrics are versions elsewhere."""

    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=160)
    created_at = models.DateTimeField(default=timezone.now)
    # An archived project takes no new work; why is said on its pages.
    archived_at = models.DateTimeField(null=True, blank=True)
    archived_reason = models.TextField(default="", db_default="", blank=True)
    archived_by = models.ForeignKey(
        "experts.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    archived_at__isnull=True, archived_reason="", archived_by__isnull=True
                )
                | (models.Q(archived_at__isnull=False) & ~models.Q(archived_reason="")),
                name="project_archived_for_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """A person holds a role in a project.

    `daily_limit` caps how many tasks they start a day (None: the project's own cap); only tasks of a
    difficulty from `difficulty_from` to `difficulty_to` are given to them.
    """

    project = models.ForeignKey(
        Project, on_delete=models.PROTECT, related_name="memberships", db_index=False
    )
    person = models.ForeignKey(
        "experts.User", on_delete=models.CASCADE, related_name="memberships", db_index=False
    )
    role = models.CharField(max_length=20, choices=Role)
    paused_at = models.DateTimeField(null=True, blank=True)
    daily_limit = models.PositiveSmallIntegerField(null=True, blank=True)
    difficulty_from = models.PositiveSmallIntegerField(default=1)
    difficulty_to = models.PositiveSmallIntegerField(default=5)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    difficulty_from__gte=1,
                    difficulty_to__lte=5,
                    difficulty_from__lte=models.F("difficulty_to"),
                ),
                name="membership_difficulty",
            ),
            models.UniqueConstraint(fields=["project", "person", "role"], name="membership_once"),
            models.CheckConstraint(
                condition=models.Q(role__in=Role.values), name="membership_role"
            ),
        ]
        indexes = [models.Index(fields=["person", "role"])]

    def __str__(self) -> str:
        return f"{self.person} as {self.role} in {self.project}"
