"""Roles, limits and pauses of people in projects."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from audit.services import record
from experts.enums import MeasureKind, NotificationKind, Role
from experts.errors import AlreadyDone, CredentialRefused, LastLead
from experts.models import Measure, Membership, Project, User
from experts.rules import hold_role
from experts.services.notify import notify


@transaction.atomic
def take_role(*, actor: User, membership: Membership) -> None:
    """End a role. What the person holds in that role is judged again when they act: nothing is lost.

    Raises LastLead when the project would be left without one.
    """
    hold_role.require(actor, membership.project, Role.LEAD)
    membership = (
        Membership.objects.select_for_update()
        .select_related("project", "person")
        .get(pk=membership.pk)
    )
    if membership.role == Role.LEAD:
        others = Membership.objects.filter(
            project=membership.project, role=Role.LEAD, paused_at=None
        )
        if not others.exclude(pk=membership.pk).exists():
            raise LastLead
    record(
        verb="experts.role_taken",
        actor=actor,
        target=membership.person,
        project_id=membership.project_id,
        role=membership.role,
    )
    notify(
        person=membership.person,
        kind=NotificationKind.MEMBERSHIP,
        key=f"membership-{membership.pk}-ended",
        title=f"Your role as {membership.get_role_display().lower()} in “{membership.project}” has ended",
    )
    membership.delete()


@transaction.atomic
def change_limits(
    *,
    actor: User,
    membership: Membership,
    daily_limit: int | None,
    difficulty_from: int,
    difficulty_to: int,
) -> Membership:
    """How much and how difficult work reaches a person in a project."""
    hold_role.require(actor, membership.project, Role.LEAD)
    membership = Membership.objects.select_for_update().get(pk=membership.pk)
    membership.daily_limit = daily_limit
    membership.difficulty_from, membership.difficulty_to = difficulty_from, difficulty_to
    membership.save(update_fields=["daily_limit", "difficulty_from", "difficulty_to"])
    record(
        verb="experts.limits_changed",
        actor=actor,
        target=membership,
        project_id=membership.project_id,
        daily_limit=daily_limit,
        difficulty=[difficulty_from, difficulty_to],
    )
    return membership


@transaction.atomic
def pause_person(
    *,
    actor: User,
    person: User,
    project: Project,
    reason: str,
    evidence: Sequence[dict[str, Any]] = (),
) -> Measure:
    """Give a person no further work in a project until the pause is lifted.

    What they write now stays with them. They see reason and evidence and can appeal.
    """
    hold_role.require(actor, project, Role.LEAD)
    if actor.pk == person.pk:
        raise CredentialRefused(
            "You cannot pause yourself.", advice="Hand your role to another lead."
        )
    if not reason.strip():
        raise CredentialRefused(
            "Please give the reason.", advice="The person reads it and can appeal."
        )
    held = Membership.objects.select_for_update().filter(
        person=person, project=project, paused_at=None
    )
    if not held.update(paused_at=timezone.now()):
        raise AlreadyDone("There is nothing to pause: they hold no active role here.")
    measure = Measure.objects.create(
        person=person,
        kind=MeasureKind.PAUSE,
        project=project,
        reason=reason.strip(),
        evidence=list(evidence),
        decided_by=actor,
    )
    record(
        verb="experts.person_paused",
        actor=actor,
        target=person,
        project_id=project.pk,
        measure=measure.pk,
    )
    notify(
        person=person,
        kind=NotificationKind.STANDING,
        key=f"measure-{measure.pk}",
        title=f"You are paused in “{project}”",
        body=f"{measure.reason}\n\nYou can see the evidence and appeal.",
        url=reverse("people:measure", args=[measure.pk]),
    )
    return measure


@transaction.atomic
def lift_pause(*, actor: User, measure: Measure) -> Measure:
    """End a pause; the person gets work again at once."""
    measure = (
        Measure.objects.select_for_update(of=("self",))
        .select_related("project", "person")
        .get(pk=measure.pk)
    )
    assert measure.project is not None
    hold_role.require(actor, measure.project, Role.LEAD)
    if measure.lifted_at is not None:
        raise AlreadyDone
    end_pause(measure=measure, actor=actor)
    return measure


def end_pause(*, measure: Measure, actor: User) -> None:
    """The pause itself, for who has already decided (a lead, or an appeal); inside their transaction."""
    Membership.objects.filter(person=measure.person, project=measure.project).update(paused_at=None)
    measure.lifted_at, measure.lifted_by = timezone.now(), actor
    measure.save(update_fields=["lifted_at", "lifted_by"])
    record(
        verb="experts.pause_lifted",
        actor=actor,
        target=measure.person,
        project_id=measure.project_id,
        measure=measure.pk,
    )
    notify(
        person=measure.person,
        kind=NotificationKind.STANDING,
        key=f"measure-{measure.pk}-lifted",
        title=f"Your pause in “{measure.project}” is over",
    )
