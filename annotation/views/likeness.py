"""Texts that are alike, and protected items met in a project: looked at and settled by its leads."""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from annotation.known import TASK, number_in, scope_of, texts_of, titles_of
from annotation.models import Task
from annotation.views.checking import project_led
from corpus.enums import PairState
from corpus.models import Hit, Pair, ProtectedSet
from corpus.queries import clusters, hits_in, open_pairs
from corpus.services.remember import settle_pairs, waive_hit
from experts.enums import Role
from experts.rules import people_with, person_of
from lib.errors import DomainError
from lib.http import page

_MOST_PAIRS = 2000
_PAGE = 10


@page(access=people_with(Role.LEAD))
def duplicates(request: HttpRequest, slug: str) -> HttpResponse:
    """Groups of like texts side by side."""
    project = project_led(request, slug)
    scope = scope_of(project.pk)
    groups = clusters(open_pairs(scope)[:_MOST_PAIRS])
    shown = Paginator(groups, _PAGE).get_page(request.GET.get("page"))
    settled = Pair.objects.filter(scope=scope).exclude(state=PairState.OPEN)
    context = {
        "project": project,
        "shown": shown,
        "groups": [_group(group) for group in shown.object_list],
        "settled": settled.select_related("settled_by").order_by("-settled_at")[:20],
    }
    return render(request, "annotation/duplicates.html", context)


def _group(pairs: list[Pair]) -> dict[str, Any]:
    refs = sorted({ref for pair in pairs for ref in (pair.first, pair.second)}, key=number_in)
    texts, titles = texts_of(refs), titles_of(refs)
    return {
        "pairs": pairs,
        "kind": pairs[0].get_kind_display(),
        "score": max(p.score for p in pairs),
        "texts": [
            {"ref": ref, "title": titles.get(ref, ref), "text": texts.get(ref, "")} for ref in refs
        ],
    }


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
    state = PairState.KEEP_ONE if kept else PairState.KEEP_BOTH
    try:
        done = settle_pairs(
            pairs=list(pairs),
            state=state,
            kept=kept,
            reason=request.POST.get("reason", ""),
            actor=person_of(request),
            project_id=project.pk,
        )
        messages.success(request, f"Settled: {done} {'pair' if done == 1 else 'pairs'}.")
    except DomainError as error:
        messages.error(request, f"{error.message} {error.advice}")
    return redirect("projects:duplicates", slug)


def _numbers(values: Iterable[str]) -> list[int]:
    return [int(value) for value in values if value.isdigit()]


@page(access=people_with(Role.LEAD))
def contamination(request: HttpRequest, slug: str) -> HttpResponse:
    """Protected items met in the project's texts."""
    project = project_led(request, slug)
    shown = Paginator(hits_in(scope_of(project.pk)), 50).get_page(request.GET.get("page"))
    hits = list(shown.object_list)
    refs = [hit.ref for hit in hits]
    titles, texts = titles_of(refs), texts_of(refs)
    rows = [
        (hit, titles.get(hit.ref, hit.ref), _passage(hit, texts.get(hit.ref, ""))) for hit in hits
    ]
    context = {
        "project": project,
        "shown": shown,
        "rows": rows,
        "sets": ProtectedSet.objects.all(),
    }
    return render(request, "annotation/contamination.html", context)


def _passage(hit: Hit, text: str) -> str:
    """Our own words at the place of the hit, never the item's."""
    start, end = hit.where.get("start"), hit.where.get("end")
    return text[start:end][:600] if isinstance(start, int) and isinstance(end, int) else ""


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
