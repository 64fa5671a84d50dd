"""“My work”: what to go on with, what came back, what is with others."""

from itertools import groupby

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from annotation.enums import TaskState
from annotation.models import Assignment
from annotation.queries import handed_in_by, live_work_of, put_aside_by, returned_to
from annotation.routing import open_count_for, reach_of, why_nothing
from annotation.services.claim import take_next
from annotation.views.person import person_of
from experts.models import Credential
from experts.rules import people_with
from lib.htmx import go_to
from lib.http import page


@page(access=people_with("writer"))
@require_GET
def my_work(request: HttpRequest) -> HttpResponse:
    """Everything this person writes or wrote, what needs them first."""
    person = person_of(request)
    handed_in = list(handed_in_by(person)[:200])
    open_count = open_count_for(person)
    context = {
        "returned": list(returned_to(person)),
        "in_progress": list(live_work_of(person).order_by("leased_until")),
        "put_aside": list(put_aside_by(person)[:50]),
        "groups": _by_state(handed_in),
        "open_count": open_count,
        "why_nothing": None if open_count else why_nothing(reach_of(person)),
        "credentials": Credential.objects.filter(person=person).prefetch_related("domains"),
    }
    return render(request, "annotation/my_work.html", context)


@page(access=people_with("writer"))
@require_POST
def take_next_task(request: HttpRequest) -> HttpResponse:
    """Lease the next task and open it."""
    assignment = take_next(person=person_of(request))
    return go_to(request, f"/write/{assignment.task_id}/")


def _by_state(work: list[Assignment]) -> list[tuple[TaskState, list[Assignment]]]:
    """Work grouped by the state of its task, in the order in which a task goes its way."""
    order = list(TaskState)
    ranked = sorted(work, key=lambda assignment: order.index(TaskState(assignment.task.state)))
    return [
        (TaskState(state), list(members))
        for state, members in groupby(ranked, key=lambda assignment: assignment.task.state)
    ]
