"""Images and documents that belong to an instruction, shown in the page."""

from csp.decorators import csp_replace
from django.http import FileResponse, HttpRequest, HttpResponseBase
from django.views.decorators.cache import cache_control
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from annotation.attachments import SHOWN, holds, open_kept
from annotation.models import Instruction
from annotation.views.person import person_of
from experts.queries import projects_held_by
from lib.errors import NotFound
from lib.http import page, signed_in


@page(access=signed_in)
@require_safe
@cache_control(private=True, max_age=3600)
@xframe_options_sameorigin
@csp_replace({"frame-ancestors": ["'self'"]})  # type: ignore[arg-type,unused-ignore]
def attachment(request: HttpRequest, instruction_id: int, sha256: str) -> HttpResponseBase:
    """One attachment of an instruction, for people of its project. Anything that is not known to be harmless
    is handed over as a file instead of being shown."""
    facts = _facts(request, instruction_id, sha256)
    if not holds(sha256):
        raise NotFound(
            "This attachment is not in the storage.", advice="Ask a lead of the project."
        )
    mime = str(facts.get("mime", ""))
    return FileResponse(
        open_kept(sha256),
        content_type=mime if mime in SHOWN else "application/octet-stream",
        as_attachment=mime not in SHOWN,
        filename=str(facts.get("name") or sha256[:12]),
    )


def _facts(request: HttpRequest, instruction_id: int, sha256: str) -> dict[str, object]:
    instruction = Instruction.objects.filter(
        pk=instruction_id, project__in=projects_held_by(person_of(request))
    ).first()
    for facts in instruction.attachments if instruction else []:
        if facts.get("sha256") == sha256:
            return dict(facts)
    raise NotFound
