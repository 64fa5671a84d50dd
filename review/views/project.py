"""How a project is reviewed, for its leads."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from annotation.errors import NoSuchProject
from annotation.queries import current_version
from experts.enums import Role
from experts.models import Project
from experts.rules import hold_role, require_at_work
from lib.htmx import go_to, respond
from lib.http import page
from review.forms.project import ProjectReviewForm
from review.services.change_review import change_review
from review.views.person import person_of
from review.views.quality import leads


@page(access=leads)
def project(request: HttpRequest, slug: str) -> HttpResponse:
    """Stages with their seats, criteria, switches and limits; saving makes a new version."""
    person, found = person_of(request), Project.objects.filter(slug=slug).first()
    if found is None:
        raise NoSuchProject
    hold_role.require(person, found, Role.LEAD)
    require_at_work(found.pk)
    before = current_version(found)
    form = ProjectReviewForm(before, request.POST if request.method == "POST" else None)
    refused = request.method == "POST" and not form.is_valid()
    if request.method == "POST" and not refused:
        after = change_review(
            person=person, project=found, change_note=form.change_note, **form.parts()
        )
        changed = after.number != before.number
        messages.success(
            request, f"Version {after.number} holds from now on." if changed else "Nothing changed."
        )
        return go_to(request, reverse("projects:project", args=[found.slug]))
    context = {"form": form, "project": found, "version": before, "refused": refused}
    return respond(request, "review/project.html", context, status=422 if refused else 200)
