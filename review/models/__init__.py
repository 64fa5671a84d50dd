"""Who reviewed what, and what they decided."""

from review.models.review import Review
from review.models.seat import Seat

__all__ = ["Review", "Seat"]
