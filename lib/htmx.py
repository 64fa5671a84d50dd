"""HTMX answers: the same view gives the page or its fragment."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails


class HtmxHttpRequest(HttpRequest):
    """A request that has been through the HTMX middleware."""

    htmx: HtmxDetails


def respond(
    request: HttpRequest,
    template: str,
    context: dict[str, Any],
    *,
    fragment: str = "",
    status: int = 200,
) -> HttpResponse:
    """Render `template`, or only its partial `fragment` when HTMX asked for it."""
    htmx = getattr(request, "htmx", None)
    wants_fragment = bool(
        fragment and htmx and not htmx.boosted and not htmx.history_restore_request
    )
    name = f"{template}#{fragment}" if wants_fragment else template
    response = render(request, name, context, status=status)
    response["Vary"] = "HX-Request"
    return response


def go_to(request: HttpRequest, url: str) -> HttpResponse:
    """Send the browser to `url`, whether it asked by form or by HTMX."""
    if getattr(request, "htmx", None):
        return HttpResponseClientRedirect(url)
    return HttpResponseRedirect(url)
