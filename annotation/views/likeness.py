"""Texts that are alike, and protected items met in a project: looked at and settled by its leads."""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from annotation.known import (
    TASK,
    links_of,
    marked,
    number_in,
    passages_of,
    projects_of_refs,
    scope_of,
    texts_of,
    titles_of,
)
from annotation.models import ImportRun, Task
from annotation.services.settle import settle_likeness
from annotation.views.checking import project_led
from corpus.enums import HitState, PairState
from corpus.models import Hit, Pair
from corpus.queries import clusters, hits_in, open_pairs, sets_with_looks
from corpus.services.remember import waive_hit
from experts.enums import Role
from experts.models import Project
from experts.queries import projects_held_by
from experts.rules import people_with, person_of
from lib.errors import DomainError
from lib.http import page

_MOST_PAIRS = 2000
_PAGE = 10


@page(access=people_with(Role.LEAD))
def duplicates(request: HttpRequest, slug: str) -> HttpResponse:
    """Groups of like texts side by side; those of one import where it is asked for."""
    project = project_led(request, slug)
    scope = scope_of(project.pk)
    run = _import_asked_for(request, project)
    pairs = open_pairs(scope, origin=f"import:{run.pk}" if run else "", exact=_exact(request))
    groups = clusters(pairs[:_MOST_PAIRS])
    shown = Paginator(groups, _PAGE).get_page(request.GET.get("page"))
    settled = list(
        Pair.objects.filter(scope=scope)
        .exclude(state=PairState.OPEN)
        .select_related("settled_by")
        .order_by("-settled_at")[:20]
    )
    seen = set(projects_held_by(person_of(request)).values_list("pk", flat=True)) | {project.pk}
    context = {
        "project": project,
        "import": run,
        "shown": shown,
        "pairs": pairs.count(),
        "groups": [_group(group, seen, project) for group in shown.object_list],
        "settled": _settled(settled, seen),
    }
    return render(request, "annotation/duplicates.html", context)


def _import_asked_for(request: HttpRequest, project: Project) -> ImportRun | None:
    number = request.GET.get("import", "")
    return ImportRun.objects.filter(
        project=project, pk=int(number) if number.isdecimal() else 0
    ).first()


def _exact(request: HttpRequest) -> bool | None:
    return {"yes": True, "no": False}.get(request.GET.get("exact", ""))


def _group(pairs: list[Pair], seen: set[int], project: Project) -> dict[str, Any]:
    """A group of like texts for the page. Of a project that is not the reader's, nothing is shown."""
    refs = sorted({ref for pair in pairs for ref in (pair.first, pair.second)}, key=number_in)
    homes = projects_of_refs(refs)
    open_to = [ref for ref in refs if homes.get(ref) in seen]
    texts, titles, links = texts_of(open_to), titles_of(open_to), links_of(open_to)
    own = [ref for ref in refs if homes.get(ref) == project.pk]
    return {
        "pairs": pairs,
        "kind": pairs[0].get_kind_display(),
        "score": max(p.score for p in pairs),
        "exact": all(p.exact for p in pairs),
        "within": len(own) == len(refs),
        "texts": [
            {
                "ref": ref,
                "number": number_in(ref),
                "title": titles.get(ref, ""),
                "link": links.get(ref, ""),
                "parts": marked(texts[ref], _others(ref, refs, texts)) if ref in texts else [],
                "hidden": homes.get(ref) is not None and homes[ref] not in seen,
            }
            for ref in refs
        ],
    }


def _others(ref: str, refs: list[str], texts: dict[str, str]) -> list[str]:
    return [texts[other] for other in refs if other != ref and other in texts]


def _settled(pairs: list[Pair], seen: set[int]) -> list[tuple[Pair, str, str, str]]:
    """Each pair with what its two texts, and the kept one, are called."""
    refs = {ref for pair in pairs for ref in (pair.first, pair.second)}
    homes = projects_of_refs(refs)
    titles = titles_of(ref for ref in refs if homes.get(ref) in seen)

    def called(ref: str) -> str:
        return f"{titles.get(ref, 'A text of another project')} ({number_in(ref)})" if ref else ""

    return [(p, called(p.first), called(p.second), called(p.kept)) for p in pairs]


@page(access=people_with(Role.LEAD))
@require_POST
def duplicates_settle(request: HttpRequest, slug: str) -> HttpResponse:
    """Keep one text of a group, or all of them for a reason."""
    project = project_led(request, slug)
    pairs = Pair.objects.filter(
        scope=scope_of(project.pk),
        state=PairState.OPEN,
        pk__in=_numbers(request.POST.getlist("pair")),
    )
    kept = request.POST.get("kept", "")
    try:
        done, closed = settle_likeness(
            pairs=list(pairs),
            kept=kept,
            reason=request.POST.get("reason", ""),
            actor=person_of(request),
            project=project,
        )
        said = f"Settled: {done} {'pair' if done == 1 else 'pairs'}."
        if closed:
            noun = "task" if closed == 1 else "tasks"
            said += f" {closed} {noun} of what was dropped closed; who was writing has been told."
        messages.success(request, said)
    except DomainError as error:
        messages.error(request, f"{error.message} {error.advice}")
    return redirect("projects:duplicates", slug)


def _numbers(values: Iterable[str]) -> list[int]:
    return [int(value) for value in values if value.isdigit()]


@page(access=people_with(Role.LEAD))
def contamination(request: HttpRequest, slug: str) -> HttpResponse:
    """Protected items met in the project's texts."""
    project = project_led(request, slug)
    run = _import_asked_for(request, project)
    found = hits_in(scope_of(project.pk), origin=f"import:{run.pk}" if run else "")
    shown = Paginator(found, 50).get_page(request.GET.get("page"))
    hits = list(shown.object_list)
    refs = [hit.ref for hit in hits]
    titles, links, passages = titles_of(refs), links_of(refs), passages_of(hits)
    rows = [
        (hit, titles.get(hit.ref, hit.ref), links.get(hit.ref, ""), passages.get(hit.pk, ""))
        for hit in hits
    ]
    context = {
        "project": project,
        "import": run,
        "shown": shown,
        "rows": rows,
        "held": found.filter(held=True, state=HitState.OPEN).count(),
        "sets": sets_with_looks(),
    }
    return render(request, "annotation/contamination.html", context)


@page(access=people_with(Role.LEAD))
@require_POST
def contamination_waive(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Let a text stand, for a reason."""
    project = project_led(request, slug)
    hit = get_object_or_404(Hit, pk=pk, scope=scope_of(project.pk))
    authors: list[int] = []
    if hit.ref.startswith(TASK):
        wrote = Task.objects.filter(pk=number_in(hit.ref), author__isnull=False)
        authors = list(wrote.values_list("author_id", flat=True))
    try:
        waive_hit(
            hit=hit,
            reason=request.POST.get("reason", ""),
            actor=person_of(request),
            authors=authors,
            project_id=project.pk,
        )
        messages.success(request, "Waived. The reason is kept and listed with each release.")
    except DomainError as error:
        messages.error(request, f"{error.message} {error.advice}")
    return redirect("projects:contamination", slug)
