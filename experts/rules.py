"""Who may do what, by role."""

from django.http import HttpRequest

from experts.enums import Role
from experts.models import Project, User
from experts.queries import projects_of, roles_of
from lib.http import Access
from lib.rules import rule


@rule
def hold_role(person: User, project: Project, *roles: Role) -> str | None:
    """Holding one of `roles` in `project`; an administrator is a lead everywhere."""
    if person.is_superuser and Role.LEAD in roles:
        return None
    if projects_of(person, *roles).filter(pk=project.pk).exists():
        return None
    names = " or ".join(role.label.lower() for role in roles)
    return f"This needs the role of {names} in “{project.name}”. Ask a lead of that project."


def people_with(*roles: Role | str) -> Access:
    """Access for people who hold one of `roles` in any project; administrators count as leads."""
    wanted = {Role(role) for role in roles}

    def access(request: HttpRequest, /) -> str | None:
        person = request.user
        if person.is_superuser and Role.LEAD in wanted:
            return None
        if wanted & roles_of(person):  # type: ignore[arg-type]
            return None
        names = " or ".join(sorted(role.label.lower() for role in wanted))
        return f"This page is for people with the role of {names}. Ask a lead of your project."

    return access
