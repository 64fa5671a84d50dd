"""Closed lists of the writing side."""

from django.db import models


class TaskState(models.TextChoices):
    """Where one wanted response stands."""

    OPEN = "open", "Open"
    WRITING = "writing", "Being written"
    EXPERT_REVIEW = "expert_review", "Expert review"
    FORMAT_REVIEW = "format_review", "Format review"
    CHANGES_REQUESTED = "changes_requested", "Changes requested"
    ADJUDICATION = "adjudication", "Adjudication"
    APPROVED = "approved", "Approved"
    REJECTED = "rejected", "Rejected"
    WITHDRAWN = "withdrawn", "Withdrawn"


class AssignmentState(models.TextChoices):
    """What became of one person's lease on a task."""

    LIVE = "live", "Being written"
    SUBMITTED = "submitted", "Submitted"
    LAPSED = "lapsed", "Lease ran out"
    SKIPPED = "skipped", "Skipped"
    CLOSED = "closed", "Closed"


class SkipReason(models.TextChoices):
    """Why an expert passes a task on; never held against anybody."""

    NOT_MY_FIELD = "not_my_field", "Not my field"
    UNCLEAR = "unclear", "The instruction is unclear"
    UNSAFE = "unsafe", "It would be unsafe to answer"
    NEEDS_DATA = "needs_data", "It needs data that is not here"
    NO_TIME = "no_time", "I cannot finish it now"


class ClosingReason(models.TextChoices):
    """Why a task is closed for which nothing was handed in."""

    DROPPED = "dropped", "Its question was taken out"
    APPEAL = "appeal", "The response it stood in place of was appealed"


class TargetKind(models.TextChoices):
    """What shape the wanted response has."""

    TEXT = "text", "One response"
    MESSAGES = "messages", "Several turns"
    JSON = "json", "Structured object"
    TOOL_CALLS = "tool_calls", "Tool calls"
    TRAJECTORY = "trajectory", "Agent trajectory"


IN_WORDS = frozenset({TargetKind.TEXT, TargetKind.MESSAGES})
"""The kinds that are read as text, so that a length in words says something."""


class Severity(models.TextChoices):
    """How much a finding matters."""

    ERROR = "error", "Error"
    WARNING = "warning", "Warning"
    INFO = "info", "Info"


class ImportState(models.TextChoices):
    """Where a file stands that is being brought in."""

    UPLOADED = "uploaded", "Columns to be matched"
    CHECKING = "checking", "Dry run under way"
    CHECKED = "checked", "Dry run done"
    RUNNING = "running", "Being imported"
    DONE = "done", "Imported"
    FAILED = "failed", "Stopped"
