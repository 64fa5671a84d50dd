"""The people of the projects one leads."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse

from experts.enums import Role
from experts.queries import led_by, people_listed
from experts.rules import people_with, person_of
from lib.htmx import respond
from lib.http import page

FILTERS = ("q", "role", "project", "show", "domain")
PAGE_SIZE = 50


@page(access=people_with(Role.LEAD))
def people(request: HttpRequest) -> HttpResponse:
    """List, search and filter."""
    wanted = {name: request.GET.get(name, "").strip() for name in FILTERS}
    found = people_listed(
        person_of(request),
        words=wanted["q"],
        role=wanted["role"],
        project=wanted["project"],
        show=wanted["show"],
        domain=wanted["domain"],
    )
    shown = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "shown": shown,
        "wanted": wanted,
        "roles": Role.choices,
        "projects": led_by(person_of(request)),
    }
    return respond(request, "experts/people.html", context, fragment="rows")
