"""Closed vocabularies of the corpus."""

from django.db import models


class Kind(models.TextChoices):
    """What a fingerprint is of."""

    INSTRUCTION = "instruction", "Instruction"
    RESPONSE = "response", "Response"


class PairState(models.TextChoices):
    """What was decided about two texts that are alike."""

    OPEN = "open", "Open"
    KEEP_ONE = "keep_one", "One kept"
    KEEP_BOTH = "keep_both", "Both kept"


class HitState(models.TextChoices):
    """What was decided about a protected item met in a text."""

    OPEN = "open", "Open"
    WAIVED = "waived", "Waived"
    REMOVED = "removed", "Removed"
