"""Invite people, and accept an invitation."""

from django.contrib import messages
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from experts.enums import Role
from experts.forms.people import InviteForm, JoinForm
from experts.models import Invitation, User
from experts.queries import led_by
from experts.rules import people_with, person_of
from experts.services.invitations import accept_invitation, open_invitation, withdraw_invitation
from experts.services.invitations import invite as send_invitation
from lib.errors import DomainError
from lib.http import page, public


@page(access=people_with(Role.LEAD))
def invite(request: HttpRequest) -> HttpResponse:
    """Send an invitation, and see the open ones."""
    actor = person_of(request)
    form = InviteForm(request.POST or None, actor=actor)
    link = to = ""
    if request.method == "POST" and form.is_valid():
        cleaned = {**form.cleaned_data, "role": Role(form.cleaned_data["role"])}
        try:
            _, path = send_invitation(actor=actor, **cleaned)
        except DomainError as refusal:
            form.add_error(None, f"{refusal.message} {refusal.advice}".strip())
        else:
            link, to = request.build_absolute_uri(path), form.cleaned_data["email"]
            form = InviteForm(actor=actor)
    sent = Invitation.objects.filter(project__in=led_by(actor)).select_related(
        "project", "invited_by"
    )[:100]
    context = {"form": form, "link": link, "to": to, "sent": sent}
    return render(request, "experts/invite.html", context, status=422 if form.errors else 200)


@page(access=people_with(Role.LEAD))
@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Make an invitation void."""
    withdraw_invitation(actor=person_of(request), invitation=get_object_or_404(Invitation, pk=pk))
    messages.success(request, "The invitation is withdrawn; its link opens nothing any more.")
    return redirect("people:invite")


@page(access=public)
@sensitive_post_parameters("password")
def accept(request: HttpRequest, secret: str) -> HttpResponse:
    """What is offered, and a button to take it. Opening the link changes nothing."""
    person = request.user if isinstance(request.user, User) else None
    invitation = open_invitation(secret=secret, person=person)
    known = User.objects.filter(email__iexact=invitation.email).exists()
    form = JoinForm(request.POST or None) if person is None and not known else None
    if request.method == "POST" and (form is None or form.is_valid()):
        try:
            joined = accept_invitation(
                secret=secret, person=person, **(form.cleaned_data if form else {})
            )
        except DomainError as refusal:
            if form is None:
                raise
            form.add_error(None, f"{refusal.message} {refusal.advice}".strip())
        else:
            if person is None:
                login(request, joined, backend="django.contrib.auth.backends.ModelBackend")
            messages.success(request, f"Welcome to “{invitation.project}”.")
            return redirect("home")
    context = {"invitation": invitation, "form": form, "known": known, "secret": secret}
    return render(
        request, "experts/invitation.html", context, status=422 if form and form.errors else 200
    )
