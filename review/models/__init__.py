"""Who reviewed what, what they said and what they decided."""

from review.models.calibration import (
    CAME_OF_IT,
    CalibrationItem,
    CalibrationQuestion,
    CalibrationResult,
    CalibrationSitting,
)
from review.models.comment import Comment
from review.models.history import Appeal, KeptWords, Repair, SavedView
from review.models.review import Review
from review.models.seat import Seat

__all__ = [
    "CAME_OF_IT",
    "Appeal",
    "CalibrationItem",
    "CalibrationQuestion",
    "CalibrationResult",
    "CalibrationSitting",
    "Comment",
    "KeptWords",
    "Repair",
    "Review",
    "SavedView",
    "Seat",
]
