"""`{% load routing %}`: why a task came to somebody."""

from django import template

from annotation.models import Assignment
from annotation.routing import reason_for

register = template.Library()


@register.inclusion_tag("annotation/_why.html")
def why_this_task(assignment: Assignment) -> dict[str, list[str]]:
    """`{% why_this_task assignment %}`: the reasons, folded away until somebody asks."""
    return {"reasons": reason_for(assignment)}
