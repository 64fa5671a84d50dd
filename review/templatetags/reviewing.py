"""`{% load reviewing %}`: what pages of the writing side show of reviews. They may not import reviews."""

from typing import Any

from django import template
from django.http import HttpRequest

from annotation.models import Task
from review.said import said_to_author
from review.views.person import person_of

register = template.Library()


@register.inclusion_tag("review/_said.html", takes_context=True)
def reviewers_say(context: dict[str, Any], task: Task | int) -> dict[str, Any]:
    """`{% reviewers_say task %}`: reasons and comments of the reviewers, for the author of the task."""
    request: HttpRequest = context["request"]
    task_id = task if isinstance(task, int) else task.pk
    said = said_to_author(person_of(request), task_id)
    return {"said": said, "csrf_token": context.get("csrf_token"), "request": request}
