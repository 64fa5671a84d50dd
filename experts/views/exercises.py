"""Practice and qualification."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from experts.enums import AttemptState, ExerciseKind, Role
from experts.forms.people import ExerciseForm
from experts.models import Attempt, Exercise
from experts.queries import exercises_for, led_by
from experts.rules import hold_role, people_with, person_of
from experts.services.exercises import (
    begin_attempt,
    grade_attempt,
    retire_exercise,
    save_attempt,
    set_exercise,
    submit_attempt,
)
from lib.errors import DomainError
from lib.http import page, signed_in


@page(access=signed_in)
def practice(request: HttpRequest) -> HttpResponse:
    """What this person may practise or qualify with."""
    return render(request, "experts/practice.html", {"rows": exercises_for(person_of(request))})


@page(access=signed_in)
@require_POST
def begin(request: HttpRequest, pk: int) -> HttpResponse:
    """Start an attempt, or go on with the open one."""
    attempt = begin_attempt(person=person_of(request), exercise=get_object_or_404(Exercise, pk=pk))
    return redirect("people:attempt", pk=attempt.pk)


@page(access=signed_in)
def attempt(request: HttpRequest, pk: int) -> HttpResponse:
    """Write it, read its feedback, or grade it."""
    viewer = person_of(request)
    found = get_object_or_404(
        Attempt.objects.select_related("exercise__project", "exercise__domain", "person"), pk=pk
    )
    own = found.person_id == viewer.pk
    if not own:
        hold_role.require(viewer, found.exercise.project, Role.LEAD)
    if request.method == "POST":
        try:
            _write(request, found) if own else _grade(request, found)
        except DomainError as refusal:
            messages.error(request, f"{refusal.message} {refusal.advice}".strip())
            _keep_typed(request, found, own=own)
        else:
            return redirect("people:attempt", pk=pk)
    context = {
        "attempt": found,
        "exercise": found.exercise,
        "own": own,
        "writing": own and found.state == AttemptState.DRAFT,
        "grading": not own and found.state == AttemptState.SUBMITTED,
        "explained": found.state
        in {AttemptState.PRACTISED, AttemptState.PASSED, AttemptState.FAILED},
        "rubric": [(one, found.marks.get(one["id"], {})) for one in found.exercise.rubric],
        "points": sum(mark["points"] for mark in found.marks.values()) if found.graded_at else 0,
    }
    return render(request, "experts/attempt.html", context)


def _write(request: HttpRequest, found: Attempt) -> None:
    text = request.POST.get("text", "")
    if "submit" in request.POST:
        submit_attempt(person=person_of(request), attempt=found, text=text)
        messages.success(request, "Handed in.")
    else:
        save_attempt(person=person_of(request), attempt=found, text=text)
        messages.success(request, "Saved.")


def _keep_typed(request: HttpRequest, found: Attempt, *, own: bool) -> None:
    """After a refusal the page shows again what was typed."""
    if own:
        found.text = request.POST.get("text", "")
    else:
        found.marks, found.feedback = _marks(request, found), request.POST.get("feedback", "")


def _marks(request: HttpRequest, found: Attempt) -> dict[str, dict[str, str]]:
    return {
        one["id"]: {
            "points": request.POST.get(f"points-{one['id']}", ""),
            "note": request.POST.get(f"note-{one['id']}", ""),
        }
        for one in found.exercise.rubric
    }


def _grade(request: HttpRequest, found: Attempt) -> None:
    done = grade_attempt(
        grader=person_of(request),
        attempt=found,
        marks=_marks(request, found),
        feedback=request.POST.get("feedback", ""),
    )
    messages.success(request, f"{done.get_state_display()}. The person has been told.")


@page(access=people_with(Role.LEAD))
def exercises(request: HttpRequest) -> HttpResponse:
    """Set tasks of the projects one leads; set a new one."""
    actor = person_of(request)
    form = ExerciseForm(request.POST or None, actor=actor)
    if request.method == "POST" and form.is_valid():
        cleaned = {**form.cleaned_data, "pass_points": form.cleaned_data["pass_points"] or 0}
        try:
            set_exercise(actor=actor, **cleaned)
        except DomainError as refusal:
            form.add_error(None, f"{refusal.message} {refusal.advice}".strip())
        else:
            messages.success(request, "The task is set.")
            return redirect("people:exercises")
    rows = Exercise.objects.filter(project__in=led_by(actor)).select_related("project", "domain")
    context = {"form": form, "rows": rows, "qualification": ExerciseKind.QUALIFICATION}
    return render(request, "experts/exercises.html", context, status=422 if form.errors else 200)


@page(access=people_with(Role.LEAD))
@require_POST
def retire(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for a task no longer."""
    retire_exercise(actor=person_of(request), exercise=get_object_or_404(Exercise, pk=pk))
    messages.success(request, "The task is retired; its field is open without it.")
    return redirect("people:exercises")
