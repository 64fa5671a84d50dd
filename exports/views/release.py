"""One release: progress, files, diff, slices, downloads, and what may be done with it."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from experts.rules import person_of
from exports import diffs, queries, versions
from exports.enums import Reason
from exports.forms import WithdrawForm
from exports.models import Delivery, Release
from exports.papers.facts import Facts
from exports.services.build import cancel_build, start_build
from exports.services.publish import discard_release, publish_release, withdraw_release
from exports.targets import available
from exports.views.access import dataset_for, readers, release_for
from lib.errors import IllegalMove
from lib.htmx import go_to, respond
from lib.http import administrators, page


@page(access=readers)
def release(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """The release as it stands now; a build in progress asks again every two seconds."""
    return _show(request, release_for(request, slug, pk))


@page(access=readers)
def version(request: HttpRequest, slug: str, version: str) -> HttpResponse:
    """The permanent address of a published release."""
    return _show(request, queries.release_of(dataset_for(request, slug), version))


def _show(request: HttpRequest, found: Release) -> HttpResponse:
    if request.htmx and found.state != "building":  # type: ignore[attr-defined]
        return go_to(request, request.path)
    context: dict[str, Any] = {
        "release": found,
        "dataset": found.dataset,
        "told": found.snapshot,
        "splits": queries.in_order(found.snapshot["splits"]),
    }
    if found.state == "building":
        context["progress"] = queries.progress(found)
    elif found.manifest_sha256:
        context |= {
            "files": found.files.all(),
            "size": queries.total_bytes(found),
            "report": queries.report_of(found),
            "slices": {axis: Facts(found.snapshot).slices(axis) for axis in queries.AXES},
            "spellings": queries.spelling_counts(queries.spelled_in_release(found)),
            "downloads": queries.downloads_of(found)[:20],
            "deliveries": found.deliveries.select_related("person")[:20],
            "withdraw_form": WithdrawForm(),
            "targets": [(kind, Delivery.Kind(kind).label) for kind in available()],
            "why": versions.why(versions.Changes(**found.snapshot["changes"])),
        }
    return respond(request, "exports/release.html", context, fragment="progress")


@page(access=readers)
def card(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """The dataset card as readers of the release see it."""
    found = release_for(request, slug, pk)
    text = queries.small_file(found, "README.md").decode()
    _, _, body = text.removeprefix("---\n").partition("\n---\n")
    head = text.removeprefix("---\n").partition("\n---\n")[0]
    context = {"release": found, "dataset": found.dataset, "body": body, "head": head}
    return render(request, "exports/card.html", context)


_WORDS = ("removed", "edited", "moved to another split", "described differently", "added")
_REASONS = {
    "policy": "No longer in the selection",
    **{str(value): str(label) for value, label in Reason.choices},
}
KINDS = dict(zip(diffs.KINDS, _WORDS, strict=True))
"""The words of the page for each kind of change, in the order in which they are listed."""


@page(access=readers)
def compare(request: HttpRequest, slug: str) -> HttpResponse:
    """Any two versions side by side: counts, slices, and every changed record by id. An administrator
    compares a build before publishing it."""
    dataset = dataset_for(request, slug)
    published = list(queries.published_releases(dataset))
    versions_asked = [request.GET.get("old", ""), request.GET.get("new", "")]
    context: dict[str, Any] = {"dataset": dataset, "published": published}
    if len(published) > 1 or all(versions_asked):
        usual = [each.version for each in published[1::-1]]
        old, new = (
            queries.release_of(
                dataset, asked or usual[place], unpublished=person_of(request).is_superuser
            )
            for place, asked in enumerate(versions_asked)
        )
        context["published"] = [*(each for each in (new, old) if each not in published), *published]
        by_domain = diffs.by_domain(old, new)
        changes = diffs.total(by_domain)
        kind, domain = request.GET.get("change", ""), request.GET.get("domain", "")
        context |= {
            "old": old,
            "new": new,
            "why": versions.why(changes),
            "kinds": [(name, label, getattr(changes, name)) for name, label in KINDS.items()],
            "by_domain": [
                (name, [(each, KINDS[each], counts[each]) for each in KINDS if each in counts])
                for name, counts in by_domain.items()
            ],
            "asked": {"what": KINDS.get(kind, ""), "domain": domain},
            "shown": _listed(old, new, by_domain, kind, domain).get_page(request.GET.get("page")),
        }
        for entry in context["shown"]:
            entry["label"] = KINDS[entry["change"]]
            entry["why"] = _REASONS.get(entry.get("reason", ""), "")
    return render(request, "exports/compare.html", context)


def _listed(
    old: Release, new: Release, by_domain: dict[str, dict[str, int]], kind: str, domain: str
) -> "Paginator[Any]":
    """The entries of one kind and one domain, of all where these are empty."""
    within = [kinds for name, kinds in by_domain.items() if domain in ("", name)]
    length = sum(n for kinds in within for name, n in kinds.items() if kind in ("", name))
    listed: Any = diffs.Listed(old, new, length=length, kind=kind, domain=domain)
    return Paginator(listed, 100)


@require_POST
@page(access=administrators)
def publish(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Publish a finished build."""
    made = publish_release(release=release_for(request, slug, pk), person=person_of(request))
    messages.success(request, f"Version {made.version} is published.")
    return redirect("datasets:version", slug=slug, version=made.version)


@require_POST
@page(access=administrators)
def resume(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Start a draft, or go on after a stop."""
    start_build(release=release_for(request, slug, pk), person=person_of(request))
    return redirect("datasets:release", slug=slug, pk=pk)


@require_POST
@page(access=administrators)
def cancel(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Stop a build; finished shards are kept. One that ended meanwhile is simply shown."""
    found = release_for(request, slug, pk)
    try:
        cancel_build(release=found, person=person_of(request))
    except IllegalMove:
        messages.info(request, "The build had ended before it could be stopped.")
    return redirect("datasets:release", slug=slug, pk=pk)


@require_POST
@page(access=administrators)
def discard(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Take back a release that was never published."""
    discard_release(release=release_for(request, slug, pk), person=person_of(request))
    messages.success(request, "The unpublished release is gone. Its records stay.")
    return redirect("datasets:dataset", slug=slug)


@require_POST
@page(access=administrators)
def withdraw(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Withdraw a published release with a reason."""
    found = release_for(request, slug, pk)
    withdraw_release(
        release=found,
        person=person_of(request),
        reason=request.POST.get("reason", ""),
        note=request.POST.get("note", ""),
    )
    messages.success(request, f"Version {found.version} is marked as withdrawn.")
    return redirect("datasets:version", slug=slug, version=found.version)
