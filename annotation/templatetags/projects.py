"""`{% load projects %}`: what the pages of projects need beyond the shared tags."""

from typing import Any

import orjson
from django import template

register = template.Library()


@register.filter
def pretty(value: Any) -> str:
    """JSON for reading."""
    return orjson.dumps(value, option=orjson.OPT_INDENT_2, default=str).decode()


@register.filter
def duration(minutes: int) -> str:
    """Minutes in the largest unit that divides them: `7 days`, `2 hours`, `90 minutes`."""
    for unit, size in (("day", 1440), ("hour", 60), ("minute", 1)):
        if minutes % size == 0:
            count = minutes // size
            return f"{count} {unit}" if count == 1 else f"{count} {unit}s"
    return ""
