"""`{% load projects %}`: what the pages of projects need beyond the shared tags."""

from typing import Any

import orjson
from django import template

register = template.Library()


@register.filter
def pretty(value: Any) -> str:
    """JSON for reading."""
    return orjson.dumps(value, option=orjson.OPT_INDENT_2, default=str).decode()
