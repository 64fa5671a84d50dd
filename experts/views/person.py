"""One page per person: roles, credentials, work, standing."""

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from experts.models import User
from experts.queries import person_page, view_of
from experts.rules import person_of, see_person
from experts.sources import figures_of
from lib.htmx import respond
from lib.http import page, signed_in


@page(access=signed_in)
def me(request: HttpRequest) -> HttpResponse:
    """One's own page."""
    return redirect("people:person", pseudonym=person_of(request).pseudonym)


@page(access=signed_in)
def person(request: HttpRequest, pseudonym: str) -> HttpResponse:
    """Somebody's page, for themselves and for their leads."""
    whose = get_object_or_404(User, pseudonym=pseudonym)
    see_person.require(person_of(request), whose)
    return respond(request, "experts/person.html", person_page(whose, viewer=person_of(request)))


@page(access=signed_in)
def work(request: HttpRequest, pseudonym: str, slug: str) -> HttpResponse:
    """The rows behind one figure of somebody's page."""
    whose = get_object_or_404(User, pseudonym=pseudonym)
    see_person.require(person_of(request), whose)
    project = request.GET.get("project", "")
    figures = figures_of(view_of(whose, viewer=person_of(request), project=project))
    figure = next((one for one in figures if one.slug == slug), None)
    if figure is None:
        raise Http404
    shown = Paginator(figure.rows, 50).get_page(request.GET.get("page"))
    rows = [list(zip(figure.columns, figure.cells(row), strict=True)) for row in shown]
    context = {"person": whose, "figure": figure, "shown": shown, "rows": rows}
    return respond(request, "experts/work.html", context, fragment="rows")
