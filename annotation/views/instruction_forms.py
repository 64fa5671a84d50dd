"""Type one instruction, or correct one that is there."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from annotation.errors import InstructionAlreadyThere, NoSuchProject
from annotation.forms.instruction import InstructionPage
from annotation.models import Instruction
from annotation.project_settings import setting
from annotation.queries import current_version
from annotation.services.write_instruction import (
    correct_instruction,
    follow_correction,
    write_instruction,
)
from annotation.views.person import person_of
from annotation.views.projects import leads, project_to_change
from checks.catalog.tool_names import RULE, misnamed
from checks.text import listing
from experts.models import Project
from lib.errors import DomainError
from lib.http import page, signed_in


@page(access=leads)
def instruction_new(request: HttpRequest, slug: str) -> HttpResponse:
    """One instruction without a file."""
    project = project_to_change(request, slug)
    default = str(setting(current_version(project), "default_domain") or "")
    asked = InstructionPage(
        request.POST if request.method == "POST" else None, default_domain=default
    )
    draft = asked.draft() if asked.bound else None
    if draft is not None:
        try:
            made = write_instruction(project=project, draft=draft, actor=person_of(request))
        except InstructionAlreadyThere as there:
            return _form(request, project, asked, there)
        messages.success(request, "The instruction is there; its tasks are open.")
        _say_misnamed(request, made)
        return redirect("projects:instruction", project.slug, made.pk)
    return _form(request, project, asked)


@page(access=leads)
def instruction_correct(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """The next version of an instruction."""
    project = project_to_change(request, slug)
    before = Instruction.objects.filter(project=project, pk=pk).select_related("domain").first()
    if before is None:
        raise NoSuchProject(
            "There is no such instruction in this project.", advice="Go back to the list."
        )
    asked = InstructionPage(request.POST if request.method == "POST" else None, before=before)
    draft = asked.draft() if asked.bound else None
    if draft is not None:
        why = asked.form.cleaned_data["why"]
        try:
            made = correct_instruction(
                instruction_id=pk, draft=draft, why=why, actor=person_of(request)
            )
        except DomainError as refused:
            return _form(request, project, asked, refused)
        messages.success(request, f"Version {made.version} is what is asked from now on.")
        _say_misnamed(request, made)
        return redirect("projects:instruction", project.slug, made.pk)
    return _form(request, project, asked)


@page(access=signed_in)
@require_POST
def follow(request: HttpRequest, task_id: int) -> HttpResponse:
    """Go on with the corrected instruction; the text stays."""
    follow_correction(person=person_of(request), task_id=task_id)
    messages.success(request, "You answer the corrected instruction now. Your text is as it was.")
    return redirect("write:task", task_id)


def _say_misnamed(request: HttpRequest, made: Instruction) -> None:
    """What no release takes is said while it can still be corrected."""
    wrong = misnamed(made.tools)
    if wrong:
        names = listing([name or "(none)" for name in wrong])
        messages.warning(
            request,
            f"No release takes these names of tools: {names}. {RULE} Correct the instruction before "
            "somebody answers it.",
        )


def _form(
    request: HttpRequest,
    project: Project,
    asked: InstructionPage,
    refused: DomainError | None = None,
) -> HttpResponse:
    context = {"project": project, "asked": asked, "before": asked.before, "refused": refused}
    wrong = refused is not None or asked.bound
    return render(request, "projects/instruction_edit.html", context, status=422 if wrong else 200)
