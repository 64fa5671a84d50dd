"""`{% load review_routing %}`: why a review came to somebody."""

from django import template

from review.models import Seat
from review.routing import reason_for_seat

register = template.Library()


@register.inclusion_tag("annotation/_why.html")
def why_this_review(seat: Seat) -> dict[str, list[str]]:
    """`{% why_this_review seat %}`: the reasons, folded away until somebody asks."""
    return {"reasons": reason_for_seat(seat) if seat.reviewer_id else []}
