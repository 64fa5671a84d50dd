"""Responses with known flaws that look like ordinary work: whether reviewers see what they should."""

from collections.abc import Mapping

from django.conf import settings
from django.db import connection, models
from django.db.models import Q
from django.utils import timezone

from lib.triggers import append_only
from review.calibration import MENDED
from review.enums import Verdict


def next_seat_address() -> int:
    """A number from the sequence of the seats, so that an address does not tell what it leads to."""
    return _next_in("review_seat")


def next_question_number() -> int:
    """A number from the sequence of all questions, for the same reason."""
    return _next_in("annotation_question")


def _next_in(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence(%s, 'id'))", [table])
        return int(cursor.fetchone()[0])


class CalibrationItem(models.Model):
    """An instruction with a flawed response. It is no task, so it can never reach a release.

    `content` is {"messages", "requirements", "evidence", "response"}; `flaws` is [{"criterion", "quote",
    "words"}]. An item without flaws measures false alarms. Withdrawn, never edited.
    """

    project = models.ForeignKey("experts.Project", on_delete=models.PROTECT, related_name="+")
    domain = models.ForeignKey("experts.Domain", on_delete=models.PROTECT, related_name="+")
    stage = models.CharField(max_length=20)
    title = models.CharField(max_length=160)
    content = models.JSONField()
    flaws = models.JSONField(default=list)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["project", "stage"], condition=Q(withdrawn_at=None), name="calibration_live"
            )
        ]

    def __str__(self) -> str:
        return self.title


class CalibrationSitting(models.Model):
    """One person has one calibration item before them. `id` comes from the sequence of the seats."""

    id = models.BigIntegerField(primary_key=True, default=next_seat_address)
    item = models.ForeignKey(
        CalibrationItem, on_delete=models.PROTECT, related_name="sittings", db_index=False
    )
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    opened_at = models.DateTimeField(default=timezone.now)
    put_aside_at = models.DateTimeField(null=True)
    draft = models.JSONField(default=dict)
    # As on a seat: a verdict that may still be undone, and when it is appended at the latest.
    pending = models.JSONField(default=dict)
    settles_at = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item", "reviewer"], name="sitting_once_a_person"),
            models.UniqueConstraint(
                fields=["reviewer"],
                condition=Q(decided_at=None, settles_at=None),
                name="sitting_one_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"Sitting {self.pk}"


# Of results: an item without flaws tells of false alarms, one with flaws of what is seen.
SOUND = Q(item__flaws=[])
CAME_OF_IT = {
    "flawed": ~SOUND,
    "caught": ~SOUND & ~Q(caught=[]),
    "sound": SOUND,
    "alarm": SOUND & ~Q(verdict=Verdict.APPROVE),
}


class CalibrationResults(models.QuerySet["CalibrationResult"]):
    """What can be said of many results."""

    def as_verdicts(self) -> "CalibrationResults":
        """Those that their reviewer gave as a verdict: no edit of the meaning, which ends a review by itself."""
        return self.exclude(sitting__pending__has_key=MENDED)

    def judged(self) -> "CalibrationResults":
        """Those that tell whether flaws were seen: no recusal, which judges nothing."""
        return self.exclude(verdict=Verdict.RECUSE)


class CalibrationResult(models.Model):
    """What came of a sitting: appended, never changed. `caught` lists, by position, which flaws were seen."""

    sitting = models.OneToOneField(
        CalibrationSitting, on_delete=models.PROTECT, related_name="result"
    )
    item = models.ForeignKey(CalibrationItem, on_delete=models.PROTECT, related_name="results")
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="calibration_results",
        db_index=False,
    )
    verdict = models.CharField(max_length=20, choices=Verdict)
    criteria = models.JSONField(default=dict)
    note = models.TextField(blank=True)
    caught = models.JSONField(default=list)
    created_at = models.DateTimeField(default=timezone.now)

    objects = CalibrationResults.as_manager()

    class Meta:
        indexes = [models.Index(fields=["reviewer", "created_at"])]
        triggers = append_only("review_calibrationresult")

    def __str__(self) -> str:
        return f"{self.verdict} on calibration item {self.item_id}"

    @property
    def flaws(self) -> list[tuple[Mapping[str, str], bool]]:
        """The planted flaws, each with whether the reviewer saw it."""
        return [(flaw, place in self.caught) for place, flaw in enumerate(self.item.flaws)]


class CalibrationQuestion(models.Model):
    """One message about an item to a person by name, as annotation.Question is one about a task.

    The first of a thread has no `thread`. `id` comes from the sequence of the questions.
    """

    id = models.BigIntegerField(primary_key=True, default=next_question_number)
    sitting = models.ForeignKey(
        CalibrationSitting, on_delete=models.PROTECT, related_name="questions"
    )
    thread = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="messages")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    to = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    body = models.TextField()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(body=""), name="calibration_question_says_something"
            ),
        ]
        triggers = append_only("review_calibrationquestion")

    def __str__(self) -> str:
        return f"Question {self.pk} about sitting {self.sitting_id}"
