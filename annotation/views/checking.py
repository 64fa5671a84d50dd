"""What the checks do in a project: the format spec with a live example, and runs over the backlog."""

import json
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

import checks
from annotation.known import links_of, scope_of, titles_of
from annotation.queries import current_version
from annotation.services.change_format import change_format
from annotation.services.rerun_checks import backlog, start_again, start_check_run
from annotation.spec_form import SpecForm
from checks.registry import CHECKS
from checks.runner import run
from checks.types import Subject
from corpus.models import CheckRun
from experts.enums import Role
from experts.models import Project
from experts.rules import hold_role, people_with, person_of
from lib.errors import DomainError
from lib.http import page

_MEASURED = Path(checks.__file__).with_name("measured.json")
_EXAMPLE = (
    "Great question! The kidney removes water and salts from the blood.\n\nI hope this helps!"
)


def project_led(request: HttpRequest, slug: str) -> Project:
    """The project, for a lead of it."""
    project = get_object_or_404(Project, slug=slug)
    hold_role.require(person_of(request), project, Role.LEAD)
    return project


@page(access=people_with(Role.LEAD))
def format_spec(request: HttpRequest, slug: str) -> HttpResponse:
    """Edit the spec as a form beside an example that is checked as one types."""
    project = project_led(request, slug)
    version = current_version(project)
    form = SpecForm(request.POST or None, spec=version.format_spec)
    if "dry" in request.POST and form.is_valid():
        return _dry_run(request, project, form.spec)
    if request.method == "POST" and form.is_valid():
        try:
            made = change_format(
                project=project,
                actor=person_of(request),
                format_spec=form.spec,
                seen=int(request.POST.get("seen") or 0),
                note=form.cleaned_data["note"],
            )
        except DomainError as error:
            form.add_error(None, f"{error.message} {error.advice}")
        else:
            messages.success(request, f"Saved. New work is done under version {made.number}.")
            return redirect("projects:format", slug)
    context = {
        "project": project,
        "version": version,
        "form": form,
        "example": _EXAMPLE,
        "spec": json.dumps(version.format_spec, indent=2, ensure_ascii=False, sort_keys=True),
        **_tried(_EXAMPLE, version.format_spec),
    }
    status = 422 if form.errors else 200
    return render(request, "annotation/format.html", context, status=status)


def _dry_run(request: HttpRequest, project: Project, spec: dict[str, Any]) -> HttpResponse:
    """Every check under the spec of the form, saved or not, over what is written already."""
    try:
        made = start_check_run(
            project=project,
            actor=person_of(request),
            checks=[check.id for check in CHECKS],
            format_spec=spec,
        )
    except DomainError as error:
        messages.error(request, f"{error.message} {error.advice}")
        return redirect("projects:format", project.slug)
    return redirect("projects:check-run", project.slug, made.pk)


@page(access=people_with(Role.LEAD))
@require_POST
def format_try(request: HttpRequest, slug: str) -> HttpResponse:
    """What the spec in the form, saved or not, finds in the example."""
    project_led(request, slug)
    form = SpecForm(request.POST)
    text = request.POST.get("example", "")[:100_000]
    context: dict[str, Any] = {"problems": []}
    if form.is_valid():
        context |= _tried(text, form.spec)
    else:
        context["problems"] = form.problems()
    return render(request, "annotation/format.html#found", context)


def _tried(text: str, spec: dict[str, Any]) -> dict[str, Any]:
    target = {"kind": "text", "messages": [{"role": "assistant", "content": text}]}
    return {"found": run(Subject(target=target, format_spec=spec, draft=True))}


@page(access=people_with(Role.LEAD))
def checks_page(request: HttpRequest, slug: str) -> HttpResponse:
    """The checks with what they are known to find, and runs over what is written already."""
    project = project_led(request, slug)
    version = current_version(project)
    if request.method == "POST":
        try:
            made = start_check_run(
                project=project,
                actor=person_of(request),
                checks=request.POST.getlist("checks"),
                format_spec=version.format_spec,
                keep="keep" in request.POST,
            )
        except DomainError as error:
            messages.error(request, f"{error.message} {error.advice}")
            return redirect("projects:checks", slug)
        return redirect("projects:check-run", slug, made.pk)
    context = {
        "project": project,
        "version": version,
        "checks": _listed(),
        "backlog": backlog(project.pk).count(),
        "runs": CheckRun.objects.filter(scope=scope_of(project.pk)).select_related("started_by")[
            :20
        ],
        "measured": _measured(),
    }
    return render(request, "annotation/checks.html", context)


def _measured() -> dict[str, list[dict[str, Any]]]:
    """How well the checks find: on labelled sets, and on the short lists of examples."""
    titles = {check.id: check.title for check in CHECKS}
    found = json.loads(_MEASURED.read_text()) if _MEASURED.exists() else []
    rows = [row | {"title": titles.get(row["check"], row["check"])} for row in found]
    examples = [row for row in rows if row["what"].startswith("examples ")]
    return {"sets": [row for row in rows if row not in examples], "examples": examples}


def _listed() -> list[dict[str, Any]]:
    """The checks as rows: a template would call the checks themselves."""
    names = ("id", "title", "description", "version")
    return [{name: getattr(check, name) for name in names} for check in CHECKS]


@page(access=people_with(Role.LEAD))
def check_run(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One run: how far it is, and what it changes."""
    project = project_led(request, slug)
    made = get_object_or_404(CheckRun, pk=pk, scope=scope_of(project.pk))
    refs = {example["ref"] for example in made.examples}
    titles, links, names = titles_of(refs), links_of(refs), {c.id: c.title for c in CHECKS}
    context = {
        "project": project,
        "run": made,
        "going": made.under_way,
        "stopped": made.state == made.FAILED,
        "counts": [
            (names.get(check, check), count) for check, count in sorted(made.counts.items())
        ],
        "changed": sum(c.get("appeared", 0) + c.get("gone", 0) for c in made.counts.values()),
        "examples": [
            {
                **e,
                "title": titles.get(e["ref"], e["ref"]),
                "link": links.get(e["ref"], ""),
                "name": names.get(e["check"], e["check"]),
            }
            for e in made.examples
        ],
    }
    template = "annotation/check_run.html"
    if getattr(request, "htmx", None):
        template += "#progress"
    return render(request, template, context)


@page(access=people_with(Role.LEAD))
@require_POST
def check_run_again(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Go on with a run that stopped."""
    project = project_led(request, slug)
    get_object_or_404(CheckRun, pk=pk, scope=scope_of(project.pk))
    start_again(project=project, actor=person_of(request), run_id=pk)
    return redirect("projects:check-run", slug, pk)
