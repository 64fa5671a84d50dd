"""What can be said about reviewing: agreement, strictness, drift, catch rate, distance. Figures and rows."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from experts.enums import Role
from experts.queries import projects_of
from experts.rules import people_with
from lib.htmx import respond
from lib.http import page
from review.distances import distances_in, measured_distances
from review.drift import LIMIT
from review.errors import NoSuchReviewer
from review.figure_rows import rows_for, words_for
from review.figures import (
    agreement_in,
    led_projects,
    reviewers_in,
    weeks_of,
)
from review.paging import paged
from review.queries import stages_shown
from review.views.person import person_of

leads = people_with("lead")


@page(access=leads)
@require_GET
def quality(request: HttpRequest) -> HttpResponse:
    """All figures of the projects this person leads."""
    projects = led_projects(projects_of(person_of(request), Role.LEAD))
    stages = stages_shown()
    agreement = [(stage, agreement_in(stage.slug, projects)) for stage in stages]
    context = {
        "agreement": agreement,
        "any_compared": any(found[0].found.units for _, found in agreement),
        "reviewers": reviewers_in(projects),
        "drift": [(stage, weeks_of(stage.slug, projects)) for stage in stages],
        "distances": distances_in(projects),
    }
    return respond(request, "review/quality.html", context)


@page(access=leads)
@require_GET
def reviewer(request: HttpRequest, person_id: int, stage: str) -> HttpResponse:
    """One reviewer's strictness over time, with the limits within which chance alone moves it."""
    projects = led_projects(projects_of(person_of(request), Role.LEAD))
    found = [
        each
        for each in reviewers_in(projects)
        if each.person_id == person_id and each.stage == stage
    ]
    if not found:
        raise NoSuchReviewer
    context = {"reviewer": found[0], "drift": found[0].drift, "limit": LIMIT}
    return respond(request, "review/reviewer.html", context)


@page(access=leads)
@require_GET
def rows(request: HttpRequest) -> HttpResponse:
    """The reviews behind one figure."""
    projects = led_projects(projects_of(person_of(request), Role.LEAD))
    wanted = request.GET.dict()
    key = "revision_id" if wanted.get("double") else "pk"
    context = {
        "page": paged(rows_for(projects, wanted), request.GET, key=key),
        "told": words_for(projects, wanted),
        "wanted": wanted,
    }
    return respond(request, "review/rows.html", context)


@page(access=leads)
@require_GET
def distances(request: HttpRequest) -> HttpResponse:
    """The approvals behind one bar of the distances."""
    projects = led_projects(projects_of(person_of(request), Role.LEAD))
    low, high = (
        _share(request.GET.get(name, ""), default)
        for name, default in (("from", 0.0), ("to", 1.01))
    )
    found = [(task, far) for task, far in measured_distances(projects) if low <= far < high]
    return respond(request, "review/distances.html", {"found": found})


def _share(text: str, default: float) -> float:
    try:
        return float(text)
    except ValueError:
        return default
