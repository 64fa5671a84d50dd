"""Closed lists of the releasing side."""

from django.db import models


class ReleaseState(models.TextChoices):
    """Where one release stands."""

    DRAFT = "draft", "Draft"
    BUILDING = "building", "Being built"
    FAILED = "failed", "Stopped"
    READY = "ready", "Ready to publish"
    PUBLISHED = "published", "Published"
    WITHDRAWN = "withdrawn", "Withdrawn"


class Bump(models.TextChoices):
    """How much a version moves."""

    MAJOR = "major", "Major"
    MINOR = "minor", "Minor"
    PATCH = "patch", "Patch"


class Split(models.TextChoices):
    """The side on which a record stands; `held_out` never leaves the house."""

    TRAIN = "train", "Train"
    VALIDATION = "validation", "Validation"
    TEST = "test", "Test"
    HELD_OUT = "held_out", "Held out"


class Exclusion(models.TextChoices):
    """Why an approved record is not in a selection."""

    NOT_SELECTED = "not_selected", "Outside the selection"
    WITHDRAWN = "withdrawn", "Withdrawn"
    RETENTION = "retention", "Its retention date has passed"
    HELD_BACK = "held_back", "Held back by a reviewer"
    QUALITY = "quality", "Quality class outside the selection"
    RIGHTS = "rights", "Licence outside the selection"
    HELD = "held", "Holds a protected item, or is like another text"
    UNFIT = "unfit", "Cannot be written as a record"
    CAP = "cap", "Above the cap of its slice"
    WEIGHT = "weight", "Its slice has no weight"
    HELD_OUT = "held_out", "Protected held-out part"
    TOO_LONG = "too_long", "Longer than the limit"
    CHECKS = "checks", "Checked by another version than the pinned one"


class Reason(models.TextChoices):
    """Why a record or a release was withdrawn."""

    CONSENT = "consent", "A contributor withdrew consent"
    TAKEDOWN = "takedown", "Takedown request"
    PRIVACY = "privacy", "Personal data"
    WRONG = "wrong", "Found to be wrong"
    RIGHTS = "rights", "Rights cannot be kept"
    RETENTION = "retention", "Its retention date has passed"
    OTHER = "other", "Another reason"
