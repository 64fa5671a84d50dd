"""One dataset: what is in it now, what is not and why, its settings."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from experts.enums import Role
from experts.queries import projects_held_by
from experts.rules import person_of
from exports import queries
from exports.enums import Exclusion
from exports.forms import (
    MixtureFormSet,
    SettingsForm,
    TargetFormSet,
    mixture_initial,
    slice_values,
    target_slices,
    targets_given,
    targets_initial,
)
from exports.models import Dataset
from exports.selection import Selection
from exports.services.datasets import checked_settings, edit_dataset
from exports.views.access import dataset_for, readers
from lib.errors import DomainError
from lib.htmx import respond
from lib.http import administrators, page

PAGE_SIZE = 50


@page(access=readers)
def dataset(request: HttpRequest, slug: str) -> HttpResponse:
    """Live counts, coverage, exclusions and releases."""
    found = dataset_for(request, slug)
    return render(
        request,
        "exports/dataset.html",
        {
            **_counts(found),
            "releases": queries.releases_seen_by(person_of(request), found),
        },
    )


def _counts(found: Dataset) -> dict[str, Any]:
    counted = queries.counted(found)
    return {
        "dataset": found,
        "total": counted.total,
        "waiting": queries.waiting(found).count(),
        "slices": counted.slices,
        "shares": queries.in_order(found.shares),
        "targets": queries.against_targets(counted),
        "coverage": queries.coverage(counted),
        "members": counted.members(),
        "pairs": queries.pair_texts(found),
        "exclusions": [
            (reason, Exclusion(reason).label, n) for reason, n in counted.exclusions.items()
        ],
    }


@page(access=readers)
def selected(request: HttpRequest, slug: str) -> HttpResponse:
    """The records that the next release would hold, all or those of one figure."""
    found = dataset_for(request, slug)
    asked = {name: request.GET[name] for name in queries.SELECTED_FILTERS if name in request.GET}
    chosen = queries.selected_among(found, asked)
    spells = request.GET.get("spells", "")
    if spells:
        chosen = chosen.filter(pk__in=queries.spelling_records(spells).values("record"))
    context = {
        "dataset": found,
        "asked": asked,
        "spells": queries.spelling_name(spells) if spells else "",
        "shown": Paginator(chosen, PAGE_SIZE).get_page(request.GET.get("page")),
    }
    return render(request, "exports/selected.html", context)


@page(access=administrators)
def dataset_settings(request: HttpRequest, slug: str) -> HttpResponse:
    """Selection, splits, mixture and papers; the counts follow while one chooses."""
    found = dataset_for(request, slug)
    given = request.POST if request.method == "POST" else None
    taken = queries.values_taken(found)
    form = SettingsForm(given, dataset=found, taken=taken, initial=SettingsForm.initial_of(found))
    mixture = MixtureFormSet(
        given,
        initial=mixture_initial(found),
        prefix="mixture",
        form_kwargs={"values": slice_values(taken)},
    )
    targets = TargetFormSet(
        given,
        initial=targets_initial(found),
        prefix="targets",
        form_kwargs={"slices": target_slices(taken)},
    )
    rows = {"mixture": mixture, "targets_set": targets}
    valid = request.method == "POST" and all(f.is_valid() for f in (form, mixture, targets))
    if valid:
        entries = [entry for row in mixture.forms if (entry := row.entry())]
        settings = form.settings() | {
            "mixture": entries,
            "coverage_targets": targets_given(targets),
        }
        try:
            if request.POST.get("try"):
                return _tried(request, found, form, rows, settings)
            edit_dataset(dataset=found, person=person_of(request), **settings)
        except DomainError as error:
            form.add_error(None, f"{error.message} {error.advice}")
        else:
            messages.success(
                request, "The settings are saved. Releases that exist stay as they are."
            )
            return redirect("datasets:dataset", slug=slug)
    context = _counts(found) | {"form": form} | rows
    return respond(
        request,
        "exports/settings.html",
        context,
        fragment="counts",
        status=422 if request.method == "POST" and not valid else 422 if form.errors else 200,
    )


def _tried(
    request: HttpRequest,
    found: Dataset,
    form: SettingsForm,
    rows: dict[str, Any],
    settings: dict[str, Any],
) -> HttpResponse:
    """The counts as they would be, nothing saved."""
    for name, value in checked_settings(settings).items():
        setattr(found, name, value)
    context = _counts(found) | {"form": form, "tried": True} | rows
    return respond(request, "exports/settings.html", context, fragment="counts")


@page(access=readers)
def exclusions(request: HttpRequest, slug: str) -> HttpResponse:
    """Every approved record that is left out, with its reason."""
    found = dataset_for(request, slug)
    reason = request.GET.get("reason", "")
    if reason == Exclusion.UNFIT:
        rows: Any = queries.unfit_revisions(found)
    else:
        rows = queries.excluded(found, reason)
    shown = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    labels, counts = dict(Exclusion.choices), queries.counted(found).exclusions
    withdrawn = {} if reason == Exclusion.UNFIT else _withdrawn(shown)
    for row in shown:
        row.why = row.reason if reason == Exclusion.UNFIT else labels[row.reason]
        row.detail = "" if reason == Exclusion.UNFIT else _detail(found, row, withdrawn)
    context = {
        "dataset": found,
        "shown": shown,
        "reason": reason,
        "led": projects_held_by(person_of(request), Role.LEAD).filter(datasets=found),
        "label": labels.get(reason, ""),
        "counts": [(name, labels[name], n) for name, n in counts.items()],
        "unfit": 0 if reason else counts.get(Exclusion.UNFIT, 0),
    }
    return render(request, "exports/exclusions.html", context)


def _withdrawn(shown: Any) -> dict[Any, str]:
    """Why those of a page were withdrawn that were."""
    ids = [row.record_id for row in shown if row.reason == Exclusion.WITHDRAWN]
    found = queries.withdrawals().filter(record_id__in=ids) if ids else []
    return {each.record_id: each.get_reason_display() for each in found}


def _detail(found: Dataset, record: Any, withdrawn: dict[Any, str]) -> str:
    """What of a record that is left out stands against it, where its reason leaves that open."""
    match record.reason:
        case Exclusion.WITHDRAWN:
            return withdrawn.get(record.record_id, "")
        case Exclusion.NOT_SELECTED:
            return ", ".join(Selection.read(found.selection).outside(record))
        case Exclusion.QUALITY:
            return f"class {record.quality_class}"
        case Exclusion.RIGHTS:
            return str(record.licence)
        case Exclusion.TOO_LONG:
            return f"{record.characters:,} characters"
    return ""
