"""A lead says how a project is reviewed; what comes out is a new version of it."""

from typing import Any

from django.db import transaction

from annotation.models import ProjectVersion
from annotation.services.edit_project import edit_project
from experts.enums import Role
from experts.models import Project, User
from experts.rules import hold_role
from lib.errors import Invalid
from review.pipeline import problems


@transaction.atomic
def change_review(
    *,
    person: User,
    project: Project,
    pipeline: list[dict[str, Any]],
    rubrics: dict[str, Any],
    settings: dict[str, Any],
    change_note: str = "",
) -> ProjectVersion:
    """The next version with this pipeline, these criteria and settings; work that began keeps its own."""
    hold_role.require(person, project, Role.LEAD)
    if found := list(problems(pipeline)):
        raise Invalid(" ".join(found))
    return edit_project(
        project=project,
        actor=person,
        change_note=change_note,
        pipeline=pipeline,
        rubrics=rubrics,
        settings=settings,
    )
