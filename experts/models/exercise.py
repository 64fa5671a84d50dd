"""Set tasks: practice with feedback, and qualification that opens a domain."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from experts.enums import AttemptState, ExerciseKind


class Exercise(models.Model):
    """One set task of a project.

    `rubric` is [{"id", "label", "points", "explanation"}]; a practice shows the explanations and `model_answer`
    at once, a qualification after grading. While a qualification is active, its domain (and all below)
    is open in the project only to those who passed it.
    """

    kind = models.CharField(max_length=16, choices=ExerciseKind)
    project = models.ForeignKey(
        "experts.Project", on_delete=models.PROTECT, related_name="exercises"
    )
    domain = models.ForeignKey(
        "experts.Domain", null=True, blank=True, on_delete=models.PROTECT, related_name="exercises"
    )
    title = models.CharField(max_length=160)
    prompt = models.TextField(help_text="What is asked, as an instruction would ask it (Markdown).")
    model_answer = models.TextField(
        blank=True, help_text="What a good answer looks like (Markdown)."
    )
    rubric = models.JSONField(default=list)
    pass_points = models.PositiveSmallIntegerField(default=0)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["kind", "title", "id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(kind=ExerciseKind.QUALIFICATION) | Q(domain__isnull=False),
                name="exercise_qualification_has_domain",
            )
        ]

    def __str__(self) -> str:
        return self.title


class Attempt(models.Model):
    """One person's answer to an exercise. `marks` is {criterion id: {"points", "note"}}."""

    exercise = models.ForeignKey(
        Exercise, on_delete=models.PROTECT, related_name="attempts", db_index=False
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="attempts"
    )
    number = models.PositiveSmallIntegerField(default=1)
    state = models.CharField(max_length=12, choices=AttemptState, default=AttemptState.DRAFT)
    text = models.TextField(blank=True)
    marks = models.JSONField(default=dict)
    feedback = models.TextField(blank=True)
    submitted_at = models.DateTimeField(null=True)
    graded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    graded_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["exercise", "person", "number"], name="attempt_number"),
            models.UniqueConstraint(
                fields=["exercise", "person"],
                condition=Q(state__in=[AttemptState.DRAFT, AttemptState.SUBMITTED]),
                name="attempt_one_open",
            ),
            models.CheckConstraint(
                condition=Q(graded_by__isnull=True) | ~Q(graded_by=models.F("person")),
                name="attempt_not_graded_by_oneself",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[AttemptState.PASSED, AttemptState.FAILED])
                | Q(graded_by__isnull=False, graded_at__isnull=False),
                name="attempt_graded_by_someone",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.exercise}"
