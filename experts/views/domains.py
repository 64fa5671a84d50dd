"""The tree of fields."""

import json

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from experts.enums import Role
from experts.forms.people import DomainEditForm, DomainForm, DomainPlaceForm, TreeFileForm
from experts.models import Domain
from experts.queries import domains_with_holders
from experts.rules import people_with, person_of
from experts.services.domains import (
    add_domain,
    import_domains,
    merge_domain,
    move_domain,
    rename_domain,
)
from experts.taxonomy import rows_of
from lib.errors import DomainError
from lib.http import page


@page(access=people_with(Role.LEAD))
def domains(request: HttpRequest) -> HttpResponse:
    """All fields with how many people hold a valid credential that names them; add one."""
    form = DomainForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = add_domain(actor=person_of(request), **form.cleaned_data)
        except DomainError as refusal:
            form.add_error(None, f"{refusal.message} {refusal.advice}".strip())
        else:
            messages.success(request, f"Added “{made.path}”.")
            return redirect("people:domains")
    words = request.GET.get("q", "").strip()
    tree = domains_with_holders(person_of(request))
    if words:
        tree = tree.filter(name__icontains=words) | tree.filter(path__icontains=words)
    context = {
        "tree": tree.order_by("path"),
        "form": form,
        "file_form": TreeFileForm(),
        "words": words,
    }
    return render(request, "experts/domains.html", context, status=422 if form.errors else 200)


@page(access=people_with(Role.LEAD))
@require_POST
def import_tree(request: HttpRequest) -> HttpResponse:
    """Add what is missing from a file."""
    form = TreeFileForm(request.POST, request.FILES)
    if not form.is_valid():
        messages.error(request, "Choose a file first.")
        return redirect("people:domains")
    upload = form.cleaned_data["file"]
    added, there = import_domains(
        rows=rows_of(upload.read(), upload.name), actor=person_of(request)
    )
    messages.success(request, f"Added {added} fields; {there} were there already.")
    return redirect("people:domains")


@page(access=people_with(Role.LEAD))
def domain(request: HttpRequest, pk: int) -> HttpResponse:
    """Rename, move or merge one field."""
    found = get_object_or_404(Domain.objects.select_related("parent", "merged_into"), pk=pk)
    edit = DomainEditForm(initial={"name": found.name, "slug": found.slug})
    place = DomainPlaceForm(domain=found)
    if request.method == "POST":
        verb = request.POST.get("verb")
        form = (
            DomainEditForm(request.POST)
            if verb == "rename"
            else DomainPlaceForm(request.POST, domain=found)
        )
        if form.is_valid():
            _change(request, found, str(verb), form.cleaned_data)
            return redirect("people:domain", pk=pk)
        edit, place = (form, place) if verb == "rename" else (edit, form)  # type: ignore[assignment]
    context = {
        "domain": found,
        "edit": edit,
        "place": place,
        "aliases": found.aliases.order_by("path"),
    }
    return render(request, "experts/domain.html", context)


def _change(request: HttpRequest, found: Domain, verb: str, cleaned: dict[str, object]) -> None:
    actor, other = person_of(request), cleaned.get("other")
    if verb == "rename":
        rename_domain(
            domain=found, name=str(cleaned["name"]), slug=str(cleaned["slug"]), actor=actor
        )
        messages.success(request, "The field has its new name.")
    elif verb == "merge" and isinstance(other, Domain):
        merge_domain(domain=found, into=other, actor=actor)
        messages.success(request, f"“{found}” is now part of “{other}”.")
    elif verb == "move":
        move_domain(domain=found, parent=other if isinstance(other, Domain) else None, actor=actor)
        messages.success(request, "The field has its new place.")
    else:
        messages.error(request, "Choose the field to merge into.")


@page(access=people_with(Role.LEAD))
def export_tree(request: HttpRequest) -> HttpResponse:
    """The tree as a file that can be imported again."""
    rows = [
        {"path": one.path, "name": one.name}
        for one in Domain.objects.filter(merged_into=None).order_by("path")
    ]
    response = HttpResponse(
        json.dumps(rows, ensure_ascii=False, indent=1), content_type="application/json"
    )
    response["Content-Disposition"] = 'attachment; filename="domains.json"'
    return response
