"""The shell's own pages: home, the choice of colours, the pages for what went wrong, and the style page."""

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from config.first_steps import first_steps
from config.navigation import THEMES, places_for
from config.styleguide import examples
from config.today import steps_for
from experts.rules import person_of
from lib.http import page, public, typed_in

A_YEAR = 60 * 60 * 24 * 365


@page(access=public)
def home(request: HttpRequest) -> HttpResponse:
    """What this is, for strangers; what to do now, for those who belong here."""
    if not request.user.is_authenticated:
        return render(request, "landing.html")
    person = person_of(request)
    first, steps = first_steps(person), steps_for(person, places_for(request))
    # One strong button on the page: work that waits, or else the next of the first steps.
    waits = bool(steps and steps[0].action)
    next_step = None if waits else next((step for step in first if step.action), None)
    context = {"first_steps": first, "next_step": next_step, "steps": steps}
    return render(request, "home.html", context)


@page(access=public)
@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Keep the choice of colours in a cookie and go back. Scripts do the same without the round trip."""
    back = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}):
        back = "/"
    response = HttpResponseRedirect(back)
    if (chosen := request.POST.get("theme")) in THEMES:
        response.set_cookie(
            "theme", chosen, max_age=A_YEAR, samesite="Lax", secure=request.is_secure()
        )
    return response


@page(access=public)
def styleguide(request: HttpRequest) -> HttpResponse:
    """Every component in every state. Only there while DEBUG is on."""
    return render(request, "styleguide.html", examples())


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """The request itself could not be read, or was more than is read at once."""
    if isinstance(exception, (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)):
        return render(request, "413.html", status=413)
    return render(request, "400.html", status=400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Not for this person."""
    return render(request, "403.html", status=403)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form was older than the session. What was typed is given back."""
    return render(request, "403_csrf.html", {"kept_text": typed_in(request)}, status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Nothing at this address."""
    return render(request, "404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Our own fault. Rendered without the request, so that no database is asked."""
    return HttpResponse(render_to_string("500.html"), status=500)
