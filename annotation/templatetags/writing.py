"""`{% load writing %}`: filters of the writing pages."""

import json
from typing import Any

from django import template

from annotation import panels

register = template.Library()


@register.filter
def pretty(value: Any) -> str:
    """JSON for people."""
    return json.dumps(value, ensure_ascii=False, indent=2)


@register.simple_tag(takes_context=True)
def panel(context: dict[str, Any], place: str, task_id: int) -> str:
    """`{% panel "said" task.pk %}`: what a part above shows there, for instance the reviewers' reasons."""
    return panels.panel(place, context["request"], task_id)
