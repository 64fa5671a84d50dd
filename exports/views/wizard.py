"""The next release: what it would hold, what changes, which step the version takes."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from experts.rules import person_of
from exports import queries, versions
from exports.enums import Bump
from exports.forms import BuildForm
from exports.models import Dataset
from exports.services.build import start_build
from exports.services.cut import cut_release
from exports.views.access import dataset_for
from lib.errors import DomainError
from lib.http import administrators, page


@page(access=administrators)
def wizard(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the plan; `Build release` cuts it and sends the jobs."""
    dataset = dataset_for(request, slug)
    changes, counted = queries.planned_changes(dataset), queries.counted(dataset)
    least = versions.least_bump(changes)
    form = BuildForm(
        request.POST if request.method == "POST" else None,
        initial={"bump": least},
        steps=_steps(dataset),
    )
    if request.method == "POST" and form.is_valid():
        try:
            release = cut_release(
                dataset=dataset, bump=form.cleaned_data["bump"], person=person_of(request)
            )
            start_build(release=release, person=person_of(request))
        except DomainError as error:
            form.add_error(None, f"{error.message} {error.advice}")
        else:
            return redirect("datasets:release", slug=slug, pk=release.pk)
    context = {
        "dataset": dataset,
        "form": form,
        "changes": changes,
        "why": versions.why(changes),
        "needed": Bump(least).label,
        "unpublished": queries.unpublished_releases(dataset)[:3],
        "newest": queries.newest_release(dataset),
        "total": counted.total,
        "waiting": queries.waiting(dataset).count(),
        "slices": counted.slices,
        "targets": queries.against_targets(counted),
        "members": counted.members(),
        "checks": (checks := queries.checks_report(dataset)),
        "findings": [row for row in checks if row["noted"] or row["waived"]],
        "clean": [row for row in checks if not row["noted"] and not row["waived"]],
        "spellings": queries.spelling_counts(
            queries.spelled_in_selection(queries.selected(dataset))
        ),
        "pairs": queries.pair_texts(dataset) if dataset.preference_pairs else None,
        "excluded": sum(counted.exclusions.values()),
    }
    return render(request, "exports/wizard.html", context, status=422 if form.errors else 200)


def _steps(dataset: Dataset) -> dict[str, str]:
    newest = queries.newest_release(dataset)
    before = (newest.major, newest.minor, newest.patch) if newest else None
    return {bump: ".".join(map(str, versions.following(before, bump))) for bump in Bump.values}
