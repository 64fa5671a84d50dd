"""Images and documents that belong to an instruction, shown in the page."""

from csp.decorators import csp_replace
from django.core.files.storage import default_storage
from django.http import FileResponse, HttpRequest, HttpResponseBase
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from annotation.errors import NotYourTask
from annotation.models import Instruction, Task
from annotation.views.person import person_of
from experts.queries import projects_of
from lib.errors import NotFound
from lib.http import page, signed_in

# What browsers show without running anything in it; everything else is handed over as a file.
SHOWN = {"image/png", "image/jpeg", "image/gif", "image/webp", "application/pdf"}


@page(access=signed_in)
@require_safe
@xframe_options_sameorigin
@csp_replace({"frame-ancestors": ["'self'"]})  # type: ignore[arg-type,unused-ignore]
def attachment(request: HttpRequest, task_id: int, sha256: str) -> HttpResponseBase:
    """One attachment of the task's instruction, for people of its project."""
    task = Task.objects.select_related("instruction").filter(pk=task_id).first()
    if task is None or not projects_of(person_of(request)).filter(pk=task.project_id).exists():
        raise NotYourTask
    facts = _facts(task.instruction, sha256)
    path = f"attachments/{sha256}"
    if not default_storage.exists(path):
        raise NotFound(
            "This attachment is not in the storage.", advice="Ask a lead of the project."
        )
    mime = str(facts.get("mime") or facts.get("media_type") or "")
    return FileResponse(
        default_storage.open(path),
        content_type=mime if mime in SHOWN else "application/octet-stream",
        as_attachment=mime not in SHOWN,
        filename=str(facts.get("name") or sha256[:12]),
    )


def _facts(instruction: Instruction, sha256: str) -> dict[str, object]:
    for facts in instruction.attachments:
        if facts.get("sha256") == sha256:
            return dict(facts)
    raise NotFound
