"""A project is edited by adding a version; work keeps the version it was done under."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from annotation.errors import ProjectNameTaken
from annotation.models import ProjectVersion
from annotation.models.project_version import default_pipeline
from audit.services import record
from experts.models import Project, User
from experts.rules import require_at_work

# What a version holds; everything else about a project is its identity.
PARTS = (
    "summary", "guideline", "format_spec", "rubrics", "pipeline", "coverage_targets", "rights",
    "responses_wanted", "lease_minutes", "settings",
)  # fmt: skip


@transaction.atomic
def create_project(*, slug: str, name: str, actor: User, **parts: Any) -> Project:
    """A new project with its first version; raises ProjectNameTaken."""
    if Project.objects.filter(slug=slug).exists():
        raise ProjectNameTaken(
            advice=f"Another project has the address /projects/{slug}/. Choose another one."
        )
    project = Project.objects.create(slug=slug, name=name)
    ProjectVersion.objects.create(project=project, number=1, created_by=actor, **_known(parts))
    record(
        verb="annotation.project_created",
        actor=actor,
        target=project,
        project_id=project.pk,
        slug=slug,
    )
    return project


@transaction.atomic
def edit_project(
    *, project: Project, actor: User, change_note: str = "", name: str = "", **parts: Any
) -> ProjectVersion:
    """The next version with these parts changed, the rest as before; the newest one when nothing changed."""
    project = Project.objects.select_for_update().get(pk=project.pk)
    require_at_work(project.pk)
    newest = ProjectVersion.objects.filter(project=project).order_by("-number").first()
    before = (
        {part: getattr(newest, part) for part in PARTS}
        if newest
        else {"pipeline": default_pipeline()}
    )
    after = {**before, **_known(parts)}
    changed = sorted(part for part in after if after[part] != before.get(part))
    if name and name != project.name:
        project.name = name
        project.save(update_fields=["name"])
        record(
            verb="annotation.project_renamed",
            actor=actor,
            target=project,
            project_id=project.pk,
            name=name,
        )
    if newest is not None and not changed:
        return newest
    version = ProjectVersion.objects.create(
        project=project,
        number=newest.number + 1 if newest else 1,
        change_note=change_note.strip(),
        created_by=actor,
        **after,
    )
    record(
        verb="annotation.project_edited",
        actor=actor,
        target=project,
        project_id=project.pk,
        version=version.number,
        changed=changed,
    )
    return version


def _known(parts: Mapping[str, Any]) -> dict[str, Any]:
    unknown = parts.keys() - set(PARTS)
    if unknown:
        message = f"a project version has no {', '.join(sorted(unknown))}"
        raise TypeError(message)
    return dict(parts)
