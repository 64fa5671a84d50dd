"""Who may do what, by role."""

from collections.abc import Iterable

from django.http import HttpRequest

from experts.enums import Role
from experts.errors import AgreementsOpen, ProjectArchived
from experts.models import Project, User
from experts.queries import (
    has_open_agreements,
    has_role,
    is_archived,
    people_seen_by,
    places_of_work,
)
from lib.http import Access
from lib.rules import rule


@rule
def hold_role(person: User, project: Project, *roles: Role) -> str | None:
    """Holding one of `roles` in `project`; an administrator is a lead everywhere."""
    if person.is_superuser and Role.LEAD in roles:
        return None
    if has_role(person, project, *roles):
        return None
    return (
        f"This needs the role of {_any_of(roles)} in “{project.name}”. Ask a lead of that project."
    )


def _any_of(roles: Iterable[Role]) -> str:
    """“expert reviewer, format reviewer or lead”."""
    *others, last = sorted(role.label.lower() for role in roles)
    return f"{', '.join(others)} or {last}" if others else last


def people_with(*roles: Role | str) -> Access:
    """Access for people who hold one of `roles` in any project; administrators count as leads."""
    wanted = {Role(role) for role in roles}

    def access(request: HttpRequest, /) -> str | None:
        person = request.user
        if person.is_superuser and Role.LEAD in wanted:
            return None
        if wanted & places_of_work(person):  # type: ignore[arg-type]
            return None
        return f"This page is for people with the role of {_any_of(wanted)}. Ask a lead of your project."

    return access


@rule
def see_person(viewer: User, person: User) -> str | None:
    """Opening somebody's page: their own, or that of a member of a project one leads."""
    if viewer.pk == person.pk or people_seen_by(viewer).filter(pk=person.pk).exists():
        return None
    if person.erased_at is not None:
        return f"The personal data of {person} was erased. What they handed in stays, under this pseudonym."
    return "This page is for the person themselves and the leads of their projects."


@rule
def lead_person(viewer: User, person: User) -> str | None:
    """Deciding about somebody: as a lead of one of their projects, never about oneself."""
    if viewer.pk == person.pk:
        return "You cannot decide about yourself. Ask another lead."
    if people_seen_by(viewer).filter(pk=person.pk).exists():
        return None
    return "Only a lead of one of their projects may do this."


def person_of(request: HttpRequest) -> User:
    """Who asks, on pages that only signed-in people reach."""
    assert isinstance(request.user, User)
    return request.user


def require_accepted(person: User) -> None:
    """Raise AgreementsOpen while a current agreement has not been accepted: no work starts without."""
    if has_open_agreements(person):
        raise AgreementsOpen


def require_at_work(project_id: int) -> None:
    """Raise ProjectArchived where nothing new may begin. What is in hand is finished without asking this."""
    if is_archived(project_id):
        raise ProjectArchived
