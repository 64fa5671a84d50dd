"""Closed lists of the reviewing side."""

from django.db import models


class StageSlug(models.TextChoices):
    """The steps of the pipeline."""

    EXPERT = "expert", "Expert review"
    FORMAT = "format", "Format review"
    ADJUDICATION = "adjudication", "Adjudication"


class Verdict(models.TextChoices):
    """What one person decided in one seat."""

    APPROVE = "approve", "Approve"
    REQUEST_CHANGES = "request_changes", "Request changes"
    REJECT = "reject", "Reject"
    RECUSE = "recuse", "Outside my field"
    ESCALATE = "escalate", "Escalate"


class SeatState(models.TextChoices):
    """Where one seat of one stage stands in the current round."""

    OPEN = "open", "Free to take"
    RESERVED = "reserved", "Waiting for the same reviewer"
    HELD = "held", "Being reviewed"
    PENDING = "pending", "Decided, may still be undone"
    DECIDED = "decided", "Decided"
    CLOSED = "closed", "Not needed any more"


class QualityClass(models.TextChoices):
    """How good an approved pair is; set at approval."""

    A = "A", "A: approved without conditions"
    B = "B", "B: approved after adjudication or with waivers"
    C = "C", "C: for evaluation or as a rejected example only"


class Use(models.TextChoices):
    """What an approved pair may be used for."""

    TRAIN = "train", "Training"
    EVALUATION = "evaluation", "Evaluation only"
    HELD_BACK = "held_back", "Held back"


class Mark(models.TextChoices):
    """What a reviewer says of one criterion."""

    PASS = "pass", "Pass"
    FIX = "fix", "Fix"
    FAIL = "fail", "Fail"


class Gravity(models.TextChoices):
    """How much an error matters to somebody who follows the response."""

    MINOR = "minor", "Minor"
    MAJOR = "major", "Major"
    CRITICAL = "critical", "Critical"


class Covered(models.TextChoices):
    """Whether one requirement of the instruction is answered."""

    MET = "met", "Answered"
    PARTLY = "partly", "In part"
    MISSED = "missed", "Not answered"


class SourceMark(models.TextChoices):
    """What a reviewer found when they looked a source up."""

    SUPPORTS = "supports", "Supports the claim"
    CONTRADICTS = "does_not_support", "Does not support it"
    NOT_OPENED = "not_opened", "Could not open it"


class Cause(models.TextChoices):
    """What an adjudicator found to lie behind a disagreement."""

    RESPONSE = "response", "The response is at fault"
    REVIEWER = "reviewer", "A reviewer was mistaken"
    GUIDELINE = "guideline", "The guideline is unclear"
    INSTRUCTION = "instruction", "The instruction is at fault"
    TASTE = "taste", "Both readings are defensible"


class Answer(models.TextChoices):
    """What the author did with a suggested edit."""

    ACCEPTED = "accepted", "Accepted"
    DECLINED = "declined", "Declined"
