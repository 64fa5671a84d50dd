"""Change a project's format spec: a new version of the project with everything else as it was."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from annotation.models import ProjectVersion
from annotation.queries import current_version
from audit.services import record
from checks import format_spec as specs
from experts.enums import Role
from experts.models import Project, User
from experts.rules import hold_role, require_at_work
from lib.errors import Invalid, Stale


@transaction.atomic
def change_format(
    *, project: Project, actor: User, format_spec: Mapping[str, Any], seen: int, note: str = ""
) -> ProjectVersion:
    """Make the next version under `format_spec`; the same spec again changes nothing.

    `seen` is the number of the version that was edited. Raises NotAllowed, Invalid or Stale.
    """
    hold_role.require(actor, project, Role.LEAD)
    require_at_work(project.pk)
    if problems := specs.validate(dict(format_spec)):
        raise Invalid("The format spec does not hold.", advice=" ".join(problems))
    Project.objects.select_for_update().get(pk=project.pk)
    version = current_version(project)
    if version.number != seen:
        raise Stale(
            "The project was changed while you edited.",
            advice="Open the page again and enter your change once more.",
        )
    if version.format_spec == dict(format_spec):
        return version
    before = version.number
    version.pk, version.number = None, before + 1
    version.format_spec, version.change_note = dict(format_spec), note
    version.created_by, version.created_at = actor, timezone.now()
    version.save(force_insert=True)
    record(
        verb="annotation.format_changed",
        actor=actor,
        target=version,
        project_id=project.pk,
        number=version.number,
        before=before,
    )
    return version
