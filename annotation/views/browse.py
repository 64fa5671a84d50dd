"""Open tasks that this person may take, to choose from."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from annotation.finding import holding
from annotation.routing import reach_of, takeable_by, why_nothing
from annotation.services.claim import take
from annotation.views.person import person_of
from experts.models import Domain
from experts.rules import people_with
from lib.htmx import respond
from lib.http import page

PAGE_SIZE = 25
MOST = 1000


@page(access=people_with("writer"))
@require_GET
def browse(request: HttpRequest) -> HttpResponse:
    """The first thousand in the order in which they would come, filtered by field and words. Looking leases nothing."""
    person = person_of(request)
    wanted = {name: request.GET.get(name, "").strip() for name in ("words", "field", "difficulty")}
    found = takeable_by(person)
    if wanted["words"]:
        found = found.filter(holding(wanted["words"], "instruction"))
    if wanted["field"]:
        found = found.filter(domain__path=wanted["field"])
    if wanted["difficulty"].isdigit():
        found = found.filter(difficulty=int(wanted["difficulty"]))
    reach = reach_of(person)
    shown = Paginator(found[:MOST], PAGE_SIZE).get_page(request.GET.get("page"))
    fields = Domain.objects.filter(pk__in={lane.domain for lane in reach.lanes}).order_by("path")
    context = {
        "shown": shown,
        "wanted": wanted,
        "fields": fields,
        "difficulties": "12345",
        "why_nothing": why_nothing(reach)[0],
    }
    return respond(request, "annotation/browse.html", context, fragment="rows")


@page(access=people_with("writer"))
@require_POST
def choose(request: HttpRequest, task_id: int) -> HttpResponse:
    """Take one task by choice."""
    take(person=person_of(request), task_id=task_id)
    return redirect("write:task", task_id=task_id)
