"""Archive a project, or take it back: nothing new begins in it, and nothing in it is lost."""

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from annotation.errors import ReasonMissing
from annotation.overview import unfinished_in
from audit.services import record
from experts.enums import NotificationKind, Role
from experts.errors import AlreadyDone
from experts.models import Project, User
from experts.queries import members_of
from experts.rules import hold_role
from experts.services.notify import notify

_WHAT_IT_MEANS = (
    "Nothing new begins there: no task, no review. What you are writing or reviewing now can still be handed in "
    "or given back, and what you have done stays on record."
)


@transaction.atomic
def archive_project(*, project: Project, actor: User, reason: str) -> Project:
    """Let nothing new begin in a project; its members are told why. Raises NotAllowed, ReasonMissing, AlreadyDone.

    A claim or an import that began a moment before goes on, as everything in hand does.
    """
    hold_role.require(actor, project, Role.LEAD)
    reason = reason.strip()
    if not reason:
        raise ReasonMissing(advice="Everybody in the project reads it.")
    project = Project.objects.select_for_update().get(pk=project.pk)
    if project.archived_at is not None:
        raise AlreadyDone("This project is archived already.")
    project.archived_at, project.archived_by = timezone.now(), actor
    project.archived_reason = reason
    project.save(update_fields=["archived_at", "archived_by", "archived_reason"])
    record(
        verb="annotation.project_archived",
        actor=actor,
        target=project,
        project_id=project.pk,
        reason=reason,
        unfinished={one.state: one.count for one in unfinished_in(project)},
    )
    _tell_members(
        project, actor, f"“{project}” was archived", f"{reason}\n\n{_WHAT_IT_MEANS}", "archived"
    )
    return project


@transaction.atomic
def take_back_project(*, project: Project, actor: User) -> Project:
    """Set an archived project to work again, where it stood. Raises NotAllowed or AlreadyDone."""
    hold_role.require(actor, project, Role.LEAD)
    project = Project.objects.select_for_update().get(pk=project.pk)
    if project.archived_at is None:
        raise AlreadyDone("This project is at work.")
    since, reason = project.archived_at, project.archived_reason
    project.archived_at, project.archived_by, project.archived_reason = None, None, ""
    project.save(update_fields=["archived_at", "archived_by", "archived_reason"])
    record(
        verb="annotation.project_taken_back",
        actor=actor,
        target=project,
        project_id=project.pk,
        archived_at=since.isoformat(timespec="seconds"),
        reason=reason,
    )
    _tell_members(
        project,
        actor,
        f"“{project}” is at work again",
        "Its open tasks and reviews come to you as before.",
        "taken-back",
    )
    return project


def _tell_members(project: Project, actor: User, title: str, body: str, occasion: str) -> None:
    moment = timezone.now().isoformat(timespec="microseconds")
    for person in members_of(project).exclude(pk=actor.pk):
        notify(
            person=person,
            kind=NotificationKind.MEMBERSHIP,
            key=f"project-{project.pk}-{occasion}-{moment}",
            title=title,
            body=body,
            url=reverse("home"),
        )
