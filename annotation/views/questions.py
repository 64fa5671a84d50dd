"""Questions about a task to a person by name, asked and answered in place."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from annotation.errors import NotYourTask
from annotation.models import Assignment, Task
from annotation.services.questions import answer as give_answer
from annotation.services.questions import ask, may_ask, people_to_ask, threads_of
from annotation.views.person import person_of
from experts.models import User
from lib.http import page, signed_in


@page(access=signed_in)
@require_http_methods(["GET", "POST"])
def questions(request: HttpRequest, task_id: int) -> HttpResponse:
    """The threads of a task, for those who take part in them. POST asks."""
    person = person_of(request)
    task = Task.objects.select_related("instruction", "project").filter(pk=task_id).first()
    if task is None:
        raise NotYourTask
    if request.method == "POST":
        ask(
            person=person,
            task=task,
            to=request.POST.get("to", ""),
            body=request.POST.get("body", ""),
        )
        return _sent(request, person, task, "Sent. You are told when there is an answer.")
    context = _context(person, task)
    if not context["threads"] and not context["people_to_ask"]:
        raise NotYourTask
    writing = Assignment.objects.filter(task=task, expert=person).exists()
    return render(request, "annotation/questions.html", context | {"writing": writing})


@page(access=signed_in)
@require_POST
def answer(request: HttpRequest, question_id: int) -> HttpResponse:
    """The next message of a thread."""
    person = person_of(request)
    made = give_answer(person=person, question_id=question_id, body=request.POST.get("body", ""))
    return _sent(request, person, made.task, "Sent.")


def _sent(request: HttpRequest, person: User, task: Task, words: str) -> HttpResponse:
    if getattr(request, "htmx", None):
        return render(
            request, "annotation/_questions.html", _context(person, task) | {"sent": words}
        )
    messages.success(request, words)
    return redirect("write:questions", task.pk)


def _context(person: User, task: Task) -> dict[str, Any]:
    return {
        "task": task,
        "instruction": task.instruction,
        "threads": threads_of(person, task),
        "people_to_ask": people_to_ask(person, task) if may_ask(person, task) else [],
    }
