"""What a text looks like to those who read it: the same rendering on every page."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from lib.http import page, signed_in
from lib.markdown import render_markdown


@page(access=signed_in)
@require_POST
def preview(request: HttpRequest) -> HttpResponse:
    """The posted `text` laid out."""
    return HttpResponse(render_markdown(request.POST.get("text", "")))
