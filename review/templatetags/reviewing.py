"""`{% load reviewing %}`: what pages of the writing side show of reviews, which they may not import; and how
reviewers read the results of checks."""

from collections.abc import Iterable
from typing import Any

from django import template
from django.http import HttpRequest

from annotation.models import Finding, Task
from checks.registry import by_id
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


@register.filter
def check_title(check: str) -> str:
    """`{{ finding.check_id|check_title }}`: what the check is called; its id where it is not there any more."""
    try:
        return by_id(check).title
    except KeyError:
        return check.replace("_", " ")


@register.filter
def by_check(findings: Iterable[Finding]) -> list[tuple[str, str, list[Finding]]]:
    """`{{ findings|by_check }}`: (check, severity, its findings), in the order in which they were found."""
    groups: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        groups.setdefault((finding.check_id, finding.severity), []).append(finding)
    return [(check, severity, found) for (check, severity), found in groups.items()]
