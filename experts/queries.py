"""Reads about people."""

from datetime import datetime

from django.db import models

from experts.enums import Role
from experts.models import Credential, Domain, Membership, Project, User


def valid_credential(person: User, domain: Domain, at: datetime | None = None) -> Credential | None:
    """The credential that lets `person` work in `domain` (it covers it or an ancestor), if any."""
    return (
        Credential.objects.valid_at(at)
        .filter(person=person, domains__path__in=domain.lineage)
        .order_by("id")
        .first()
    )


def open_domains(person: User, at: datetime | None = None) -> models.QuerySet[Domain]:
    """Every domain in which `person` may work now: those a valid credential covers, and all below."""
    covered = Domain.objects.filter(credentials__in=Credential.objects.valid_at(at).filter(person=person))
    paths = list(covered.values_list("path", flat=True))
    below = models.Q(path__in=paths)
    for path in paths:
        below |= models.Q(path__startswith=f"{path}.")
    return Domain.objects.filter(below) if paths else Domain.objects.none()


def projects_of(person: User, *roles: Role) -> models.QuerySet[Project]:
    """Projects in which the person holds one of `roles` (any, when none is named) and is not paused."""
    if person.is_superuser and (not roles or Role.LEAD in roles):
        return Project.objects.filter(archived_at=None)
    held = Membership.objects.filter(person=person, paused_at=None)
    if roles:
        held = held.filter(role__in=roles)
    return Project.objects.filter(archived_at=None, pk__in=held.values("project"))


def roles_of(person: User, project: Project | None = None) -> set[Role]:
    """The roles the person holds, in one project or anywhere."""
    held = Membership.objects.filter(person=person, paused_at=None)
    if project is not None:
        held = held.filter(project=project)
    return {Role(role) for role in held.values_list("role", flat=True).distinct()}
