"""One page per person: roles, credentials, work, standing."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from experts.models import User
from experts.queries import person_page
from experts.rules import person_of, see_person
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
