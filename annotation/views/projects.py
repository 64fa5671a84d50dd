"""Projects: the list, one project, and its versions."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from annotation.errors import NoSuchProject
from annotation.forms.project import ArchiveForm, NewProjectForm, ProjectForm
from annotation.models import ImportRun, ProjectVersion
from annotation.overview import (
    MOST_COUNTED,
    STATES_TOGETHER,
    domain_slices,
    due_counts,
    state_counts,
    unfinished_in,
)
from annotation.queries import current_version
from annotation.services.archive_project import archive_project, take_back_project
from annotation.services.edit_project import create_project, edit_project
from annotation.views.person import person_of
from experts.enums import Role
from experts.models import Project
from experts.queries import projects_held_by
from experts.rules import hold_role, people_with, require_at_work
from lib.errors import DomainError
from lib.http import administrators, page

readers = people_with(Role.LEAD, Role.OBSERVER)
leads = people_with(Role.LEAD)


def project_for(request: HttpRequest, slug: str, *roles: Role) -> Project:
    """The project, when this person holds one of the roles there (reading needs lead or observer)."""
    project = Project.objects.select_related("archived_by").filter(slug=slug).first()
    if project is None:
        raise NoSuchProject
    hold_role.require(person_of(request), project, *(roles or (Role.LEAD, Role.OBSERVER)))
    return project


def project_to_change(request: HttpRequest, slug: str) -> Project:
    """The project, for a lead who changes what it asks; raises ProjectArchived."""
    project = project_for(request, slug, Role.LEAD)
    require_at_work(project.pk)
    return project


@page(access=readers)
def projects(request: HttpRequest) -> HttpResponse:
    """The projects this person leads or observes, with how far they are: those at work, or those archived."""
    held = projects_held_by(person_of(request), Role.LEAD, Role.OBSERVER)
    archived = held.filter(archived_at__isnull=False)
    show_archived = request.GET.get("show") == "archived"
    found = (
        archived.order_by("-archived_at", "name")
        if show_archived
        else held.filter(archived_at=None).order_by("name")
    )
    context = {
        "rows": [_row(project) for project in found],
        "show_archived": show_archived,
        "archived": archived.count(),
    }
    return render(request, "projects/projects.html", context)


def _row(project: Project) -> dict[str, Any]:
    counts = dict(state_counts(project))
    in_review = sum(counts[state] for state in STATES_TOGETHER["in_review"])
    return {"project": project, "counts": counts, "in_review": in_review}


@page(access=readers)
def project(request: HttpRequest, slug: str) -> HttpResponse:
    """Where everything stands; every number opens its rows."""
    found = project_for(request, slug)
    version = current_version(found)
    counts = state_counts(found)
    context = {
        "project": found,
        "version": version,
        "counts": counts,
        "total": sum(number for _, number in counts),
        "due": due_counts(found),
        "most": MOST_COUNTED,
        "slices": domain_slices(found, version.coverage_targets),
        "imports": ImportRun.objects.filter(project=found)[:5],
        "versions": ProjectVersion.objects.filter(project=found).select_related("created_by")[:10],
        "may_lead": hold_role.may(person_of(request), found, Role.LEAD),
    }
    return render(request, "projects/project.html", context)


@page(access=leads)
def project_archive(request: HttpRequest, slug: str) -> HttpResponse:
    """Archive a project, with what is under way in it before one's eyes."""
    found = project_to_change(request, slug)
    form = ArchiveForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        archive_project(project=found, actor=person_of(request), reason=form.cleaned_data["reason"])
        messages.success(request, "The project is archived. You find it under Projects, Archived.")
        return redirect("projects:project", found.slug)
    context = {"project": found, "form": form, "unfinished": unfinished_in(found)}
    return render(
        request, "projects/project_archive.html", context, status=422 if form.errors else 200
    )


@page(access=leads)
@require_POST
def project_take_back(request: HttpRequest, slug: str) -> HttpResponse:
    """Set an archived project to work again."""
    found = project_for(request, slug, Role.LEAD)
    take_back_project(project=found, actor=person_of(request))
    messages.success(request, "The project is at work again.")
    return redirect("projects:project", found.slug)


@page(access=administrators)
def project_new(request: HttpRequest) -> HttpResponse:
    """Set up a commission."""
    form = NewProjectForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = create_project(
                slug=form.cleaned_data["slug"],
                name=form.cleaned_data["name"],
                actor=person_of(request),
                **form.parts(None),
            )
        except DomainError as taken:
            form.add_error("slug", f"{taken.message} {taken.advice}")
        else:
            messages.success(request, "The project is set up. Bring in instructions next.")
            return redirect("projects:project", made.slug)
    status = 422 if request.method == "POST" else 200
    return render(
        request, "projects/project_edit.html", {"form": form, "project": None}, status=status
    )


@page(access=leads)
def project_edit(request: HttpRequest, slug: str) -> HttpResponse:
    """Edit: what comes out is a new version."""
    found = project_to_change(request, slug)
    before = current_version(found)
    form = ProjectForm(request.POST or None, initial=ProjectForm.initial_of(before))
    if request.method == "POST" and form.is_valid():
        after = edit_project(
            project=found,
            actor=person_of(request),
            name=form.cleaned_data["name"],
            change_note=form.cleaned_data["change_note"],
            **form.parts(before),
        )
        changed = after.number != before.number
        messages.success(
            request, f"Version {after.number} holds from now on." if changed else "Saved."
        )
        return redirect("projects:project", found.slug)
    context = {"form": form, "project": found, "version": before}
    return render(
        request, "projects/project_edit.html", context, status=422 if form.errors else 200
    )


@page(access=readers)
def project_version(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """One version as it was."""
    found = project_for(request, slug)
    version = (
        ProjectVersion.objects.filter(project=found, number=number)
        .select_related("created_by")
        .first()
    )
    if version is None:
        raise NoSuchProject(
            "This project has no such version.", advice="Its versions are listed on its page."
        )
    return render(request, "projects/version.html", {"project": found, "version": version})
