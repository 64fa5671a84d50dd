"""The records of a release: the list that its figures open, and one with who wrote and checked it."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from experts.rules import person_of
from exports import queries
from exports.views.access import readers, release_for
from lib.errors import NotFound
from lib.http import page

PAGE_SIZE = 50


@page(access=readers)
def records(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """In file order, all or those of one split or slice."""
    release = release_for(request, slug, pk)
    asked = {name: request.GET[name] for name in queries.PIN_FILTERS if request.GET.get(name)}
    context = {
        "release": release,
        "dataset": release.dataset,
        "asked": asked,
        "spells": queries.spelling_name(asked["spells"]) if "spells" in asked else "",
        "splits": queries.in_order(release.snapshot["splits"]),
        "shown": Paginator(queries.pins_among(release, asked), PAGE_SIZE).get_page(
            request.GET.get("page")
        ),
    }
    return render(request, "exports/records.html", context)


@page(access=readers)
def record(request: HttpRequest, slug: str, pk: int, record_id: str) -> HttpResponse:
    """One record: who wrote it, who checked it, whether it may be used, and what it says."""
    release = release_for(request, slug, pk)
    pin = queries.pin_named(release, record_id)
    if pin is None:
        raise NotFound(f"Version {release.version} has no record “{record_id}”.")
    told = queries.as_shipped(pin).data
    checks = told["verification"]["checks"]
    context = {
        "release": release,
        "dataset": release.dataset,
        "pin": pin,
        "told": told,
        "passed": sum(each["outcome"] == "passed" for each in checks),
        "other_checks": [each for each in checks if each["outcome"] != "passed"],
        "spelled": pin.record.spellings.values_list("token", flat=True).order_by("token"),
        "withdrawal": queries.withdrawal_of(pin.record.record_id),
        "held_by": queries.releases_with(pin.record, person_of(request)),
    }
    return render(request, "exports/record.html", context)
