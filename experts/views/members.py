"""Roles, limits and pauses of one person, for their leads."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from experts.enums import Role
from experts.forms.people import LimitsForm, MemberForm, PauseForm
from experts.models import Measure, Membership, User
from experts.queries import led_by
from experts.rules import hold_role, lead_person, people_with, person_of
from experts.services.members import change_limits, lift_pause, pause_person, take_role
from experts.services.people import give_role
from lib.http import page


@page(access=people_with(Role.LEAD))
def member(request: HttpRequest, pseudonym: str) -> HttpResponse:
    """Everything a lead may change about somebody's place in their projects."""
    actor = person_of(request)
    person = get_object_or_404(User, pseudonym=pseudonym)
    lead_person.require(actor, person)
    form = MemberForm(request.POST or None, actor=actor)
    if request.method == "POST" and form.is_valid():
        project, role = form.cleaned_data["project"], Role(form.cleaned_data["role"])
        hold_role.require(actor, project, Role.LEAD)
        give_role(person=person, project=project, role=role, actor=actor)
        messages.success(request, f"{person} is now {role.label.lower()} in “{project}”.")
        return redirect("people:member", pseudonym=pseudonym)
    held = (
        person.memberships.filter(project__in=led_by(actor))
        .select_related("project")
        .order_by("project", "role")
    )
    context = {
        "person": person,
        "form": form,
        "held": [(one, LimitsForm(prefix=f"m{one.pk}", initial=_limits(one))) for one in held],
        "pause": PauseForm(actor=actor, person=person),
        "pauses": Measure.objects.filter(
            person=person, kind="pause", lifted_at=None, project__in=led_by(actor)
        ).select_related("project"),
    }
    return render(request, "experts/member.html", context)


def _limits(membership: Membership) -> dict[str, int | None]:
    names = ("daily_limit", "difficulty_from", "difficulty_to")
    return {name: getattr(membership, name) for name in names}


@page(access=people_with(Role.LEAD))
@require_POST
def limits(request: HttpRequest, pk: int) -> HttpResponse:
    """Change limits of one membership."""
    membership = get_object_or_404(Membership.objects.select_related("person", "project"), pk=pk)
    form = LimitsForm(request.POST, prefix=f"m{pk}")
    if form.is_valid():
        change_limits(actor=person_of(request), membership=membership, **form.cleaned_data)
        messages.success(request, "The limits are changed.")
    else:
        messages.error(
            request, " ".join(str(error) for errors in form.errors.values() for error in errors)
        )
    return redirect("people:member", pseudonym=membership.person.pseudonym)


@page(access=people_with(Role.LEAD))
@require_POST
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """End one role."""
    membership = get_object_or_404(Membership.objects.select_related("person", "project"), pk=pk)
    take_role(actor=person_of(request), membership=membership)
    messages.success(
        request,
        "The role has ended. Work in that role goes back to the queue as its time runs out.",
    )
    return redirect("people:member", pseudonym=membership.person.pseudonym)


@page(access=people_with(Role.LEAD))
@require_POST
def pause(request: HttpRequest, pseudonym: str) -> HttpResponse:
    """Pause somebody in one project."""
    person = get_object_or_404(User, pseudonym=pseudonym)
    form = PauseForm(request.POST, actor=person_of(request), person=person)
    if form.is_valid():
        pause_person(actor=person_of(request), person=person, **form.cleaned_data)
        messages.success(request, "Paused. They see the reason and the evidence and can appeal.")
    else:
        messages.error(request, "Please choose the project and give the reason.")
    return redirect("people:member", pseudonym=pseudonym)


@page(access=people_with(Role.LEAD))
@require_POST
def resume(request: HttpRequest, pk: int) -> HttpResponse:
    """Lift a pause."""
    measure = get_object_or_404(Measure.objects.select_related("person"), pk=pk, kind="pause")
    lift_pause(actor=person_of(request), measure=measure)
    messages.success(request, "The pause is over.")
    return redirect("people:member", pseudonym=measure.person.pseudonym)
