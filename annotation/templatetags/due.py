"""`{% load due %}`: the day by which a response is wanted, and in words that it is over."""

from datetime import date
from typing import Any

from django import template

from annotation.due import day_of, is_overdue
from annotation.models import Task

register = template.Library()


@register.inclusion_tag("annotation/_due.html")
def due_day(task: Task, before: str = "") -> dict[str, Any]:
    """`{% due_day task %}`: nothing for a task without a day; `before` stands before it, such as “due ”."""
    day: date | None = day_of(task.due_at) if task.due_at else None
    return {"day": day, "overdue": is_overdue(task.due_at, task.state), "before": before}
