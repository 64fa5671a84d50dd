"""Practice with feedback, and qualification that a lead grades."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from audit.services import record
from experts.enums import AttemptState, ExerciseKind, MeasureKind, NotificationKind, Role
from experts.errors import AlreadyDone, CredentialRefused, OwnCredential
from experts.models import Attempt, Domain, Exercise, Measure, Project, User
from experts.queries import project_leads, reopened
from experts.rules import hold_role, require_accepted, require_at_work
from experts.services.notify import notify


@transaction.atomic
def set_exercise(
    *,
    actor: User,
    project: Project,
    kind: str,
    title: str,
    prompt: str,
    domain: Domain | None = None,
    model_answer: str = "",
    rubric: list[dict[str, Any]] | None = None,
    pass_points: int = 0,
) -> Exercise:
    """Set a practice or qualification task in a project."""
    hold_role.require(actor, project, Role.LEAD)
    require_at_work(project.pk)
    rubric = rubric or []
    top = sum(int(criterion["points"]) for criterion in rubric)
    if kind == ExerciseKind.QUALIFICATION and (
        domain is None or not rubric or not 0 < pass_points <= top
    ):
        raise CredentialRefused(
            "A qualification task needs a field, a rubric, and a number of points to pass that can be reached.",
            advice=f"The rubric gives at most {top} points.",
        )
    exercise = Exercise.objects.create(
        project=project,
        kind=kind,
        title=title.strip(),
        prompt=prompt.strip(),
        domain=domain,
        model_answer=model_answer.strip(),
        rubric=rubric,
        pass_points=pass_points,
        created_by=actor,
    )
    record(
        verb="experts.exercise_set",
        actor=actor,
        target=exercise,
        project_id=project.pk,
        kind=kind,
        domain=domain.path if domain else None,
    )
    return exercise


@transaction.atomic
def retire_exercise(*, actor: User, exercise: Exercise) -> Exercise:
    """Ask for it no longer; what was passed stays passed."""
    hold_role.require(actor, exercise.project, Role.LEAD)
    exercise.retired_at = timezone.now()
    exercise.save(update_fields=["retired_at"])
    record(
        verb="experts.exercise_retired",
        actor=actor,
        target=exercise,
        project_id=exercise.project_id,
    )
    return exercise


@transaction.atomic
def begin_attempt(*, person: User, exercise: Exercise) -> Attempt:
    """The person's open attempt at an exercise, a new one if they may try (again)."""
    require_accepted(person)
    hold_role.require(person, exercise.project, Role.WRITER, Role.EXPERT)
    User.objects.select_for_update(no_key=True).only("pk").get(pk=person.pk)
    attempts = Attempt.objects.filter(person=person, exercise=exercise).order_by("number")
    live = attempts.filter(state__in=[AttemptState.DRAFT, AttemptState.SUBMITTED]).first()
    if live is not None:
        return live
    require_at_work(exercise.project_id)
    graded = attempts.filter(state__in=[AttemptState.PASSED, AttemptState.FAILED]).last()
    if exercise.retired_at is not None or (graded and graded.state == AttemptState.PASSED):
        raise AlreadyDone(
            "This task is no longer open to you.", advice="You find your answer on your page."
        )
    if graded is not None and not reopened(graded):
        raise AlreadyDone(
            "You have not passed this task, and each person has one try.",
            advice="If the grading was wrong, appeal; a successful appeal opens a second try.",
        )
    return Attempt.objects.create(person=person, exercise=exercise, number=attempts.count() + 1)


@transaction.atomic
def save_attempt(*, person: User, attempt: Attempt, text: str) -> Attempt:
    """Keep what has been written so far."""
    attempt = _own_draft(person, attempt)
    attempt.text = text
    attempt.save(update_fields=["text"])
    return attempt


@transaction.atomic
def submit_attempt(*, person: User, attempt: Attempt, text: str) -> Attempt:
    """Hand in: a practice answers at once, a qualification goes to a lead."""
    attempt = _own_draft(person, attempt)
    if not text.strip():
        raise CredentialRefused(
            "There is no text to hand in yet.", advice="Write your answer first."
        )
    practice = attempt.exercise.kind == ExerciseKind.PRACTICE
    attempt.text = text
    attempt.state = AttemptState.PRACTISED if practice else AttemptState.SUBMITTED
    attempt.submitted_at = timezone.now()
    attempt.save()
    record(
        verb="experts.attempt_submitted",
        actor=person,
        target=attempt,
        project_id=attempt.exercise.project_id,
    )
    if not practice:
        for lead in project_leads(attempt.exercise.project).exclude(pk=person.pk):
            notify(
                person=lead,
                kind=NotificationKind.TO_VERIFY,
                key=f"attempt-{attempt.pk}",
                title=f"A qualification task waits to be graded: {attempt.exercise}",
                url=reverse("people:attempt", args=[attempt.pk]),
            )
    return attempt


def _own_draft(person: User, attempt: Attempt) -> Attempt:
    attempt = (
        Attempt.objects.select_for_update().select_related("exercise__project").get(pk=attempt.pk)
    )
    if attempt.person_id != person.pk:
        raise OwnCredential("This answer is somebody else's.", advice="Open your own page.")
    if attempt.state != AttemptState.DRAFT:
        raise AlreadyDone("You have handed this in already.")
    return attempt


@transaction.atomic
def grade_attempt(
    *, grader: User, attempt: Attempt, marks: Mapping[str, Mapping[str, Any]], feedback: str
) -> Attempt:
    """Grade against the rubric: enough points open the domain, fewer are explained and can be appealed.

    `marks` is {criterion id: {"points", "note"}}; points outside a criterion's range are refused.
    """
    attempt = (
        Attempt.objects.select_for_update()
        .select_related("exercise__project", "person")
        .get(pk=attempt.pk)
    )
    exercise = attempt.exercise
    hold_role.require(grader, exercise.project, Role.LEAD)
    if attempt.person_id == grader.pk:
        raise OwnCredential("Nobody grades themselves.", advice="Ask another lead.")
    if attempt.state != AttemptState.SUBMITTED:
        raise AlreadyDone
    kept = {c["id"]: _mark(c, marks.get(c["id"], {})) for c in exercise.rubric}
    points = sum(mark["points"] for mark in kept.values())
    passed = points >= exercise.pass_points
    if not passed and not feedback.strip():
        raise CredentialRefused("Please say what was missing; the person learns from it.")
    attempt.marks, attempt.feedback = kept, feedback.strip()
    attempt.graded_by, attempt.graded_at = grader, timezone.now()
    attempt.state = AttemptState.PASSED if passed else AttemptState.FAILED
    attempt.save()
    record(
        verb=f"experts.attempt_{attempt.state}",
        actor=grader,
        target=attempt,
        project_id=exercise.project_id,
        points=points,
        needed=exercise.pass_points,
    )
    if not passed:
        _explain(attempt, grader, points)
    notify(
        person=attempt.person,
        kind=NotificationKind.QUALIFICATION,
        key=f"attempt-{attempt.pk}-graded",
        title=f"{exercise}: {attempt.get_state_display().lower()}",
        body=f"{points} points of {exercise.pass_points} needed. {attempt.feedback}".strip(),
        url=reverse("people:attempt", args=[attempt.pk]),
    )
    return attempt


def _mark(criterion: Mapping[str, Any], mark: Mapping[str, Any]) -> dict[str, Any]:
    given = str(mark.get("points") or 0).strip()
    points = int(given) if given.isdecimal() else -1
    if not 0 <= points <= int(criterion["points"]):
        raise CredentialRefused(
            f"“{criterion['label']}” takes 0 to {criterion['points']} points.",
            advice="Mend the number.",
        )
    return {"points": points, "note": str(mark.get("note", "")).strip()}


def _explain(attempt: Attempt, grader: User, points: int) -> None:
    Measure.objects.create(
        person=attempt.person,
        kind=MeasureKind.QUALIFICATION_FAILED,
        project=None,
        attempt=attempt,
        reason=attempt.feedback,
        evidence=[
            {
                "text": f"{points} points of {attempt.exercise.pass_points} needed",
                "url": reverse("people:attempt", args=[attempt.pk]),
            }
        ],
        decided_by=grader,
    )


def allow_again(*, attempt: Attempt, actor: User) -> None:
    """After a successful appeal: a second try. The lifted measure is what `begin_attempt` looks for."""
    record(
        verb="experts.attempt_reopened",
        actor=actor,
        target=attempt,
        project_id=attempt.exercise.project_id,
    )
