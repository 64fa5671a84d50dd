"""Figures for leads, each opening exactly its rows."""

from itertools import groupby

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from experts.boards import board_named
from experts.boards import boards as all_boards
from experts.enums import Role
from experts.rules import people_with, person_of
from lib.htmx import respond
from lib.http import page


@page(access=people_with(Role.LEAD))
def boards(request: HttpRequest) -> HttpResponse:
    """All figures at a glance."""
    lead = person_of(request)
    counted = sorted(
        ((one, one.count(lead)) for one in all_boards()), key=lambda pair: pair[0].group
    )
    groups = [
        (group, list(pairs)) for group, pairs in groupby(counted, key=lambda pair: pair[0].group)
    ]
    return render(request, "experts/boards.html", {"groups": groups})


@page(access=people_with(Role.LEAD))
def board(request: HttpRequest, slug: str) -> HttpResponse:
    """The rows behind one figure."""
    found = board_named(slug)
    if found is None:
        raise Http404
    shown = Paginator(found.rows(person_of(request)), 50).get_page(request.GET.get("page"))
    rows = [list(zip(found.columns, found.cells(row), strict=True)) for row in shown]
    return respond(
        request,
        "experts/board.html",
        {"board": found, "shown": shown, "rows": rows},
        fragment="rows",
    )
