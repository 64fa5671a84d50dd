"""Invite people, and let them in."""

import hashlib
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from audit.services import record
from experts.enums import NotificationKind, Role
from experts.errors import AlreadyDone, InvitationForAnother, InvitationOver
from experts.models import Invitation, Project, User
from experts.queries import invitation_of
from experts.rules import hold_role, require_at_work
from experts.services.notify import notify
from experts.services.people import create_person, give_role
from lib.jobs import enqueue_on_commit


def hashed(secret: str) -> str:
    """What is kept of a link's secret: its SHA-256 in hexadecimal."""
    return hashlib.sha256(secret.encode()).hexdigest()


@transaction.atomic
def invite(*, actor: User, email: str, project: Project, role: Role) -> tuple[Invitation, str]:
    """Send an invitation; returns it and the link's path. One that is open already is replaced.

    Only the hash of the secret is stored, so the link is shown once and mailed once.
    """
    hold_role.require(actor, project, Role.LEAD)
    require_at_work(project.pk)
    address = email.strip().lower()
    held = User.objects.filter(
        email__iexact=address, memberships__project=project, memberships__role=role
    )
    if held.exists():
        raise AlreadyDone("This person holds this role already.", advice="See their page.")
    now = timezone.now()
    Invitation.objects.filter(
        email=address, project=project, role=role, accepted_at=None, withdrawn_at=None
    ).update(withdrawn_at=now)
    secret = secrets.token_urlsafe(32)
    invitation = Invitation.objects.create(
        email=address,
        project=project,
        role=role,
        secret_sha256=hashed(secret),
        invited_by=actor,
        expires_at=now + timedelta(days=settings.INVITATION_DAYS),
    )
    record(
        verb="experts.invitation_sent",
        actor=actor,
        target=invitation,
        project_id=project.pk,
        role=role,
    )
    link = reverse("people:invitation", args=[secret])
    enqueue_on_commit("experts.tasks.mail_invitation", invitation_id=invitation.pk, link=link)
    return invitation, link


@contextmanager
def _refusals_recorded(secret: str, person: User | None) -> Iterator[None]:
    """Write down who was refused at which invitation; a link that never was has nothing to write about."""
    try:
        yield
    except (InvitationOver, InvitationForAnother) as refusal:
        invitation = invitation_of(hashed(secret))
        if invitation is not None:
            record(
                verb="experts.invitation_refused",
                actor=person,
                target=invitation,
                project_id=invitation.project_id,
                reason=refusal.code,
            )
        raise


def open_invitation(*, secret: str, person: User | None) -> Invitation:
    """The invitation behind a link, for anybody who is not signed in or for the person it was sent to.

    Raises InvitationOver or InvitationForAnother, which are in the audit trail.
    """
    with _refusals_recorded(secret, person):
        return _require_open(invitation_of(hashed(secret)), person)


def _require_open(invitation: Invitation | None, person: User | None) -> Invitation:
    if invitation is None or not invitation.is_open:
        raise InvitationOver
    if person is not None and person.email.lower() != invitation.email.lower():
        raise InvitationForAnother(
            f"This invitation was sent to another address than the one you are signed in with ({person.email}).",
            advice="Sign out, then open the link again.",
        )
    return invitation


def accept_invitation(
    *, secret: str, person: User | None, name: str = "", password: str = ""
) -> User:
    """Take the role an invitation offers; makes the account when there is none yet.

    The link was mailed to the address, so holding it proves the address. Raises PasswordRefused, or InvitationOver
    and InvitationForAnother, which are in the audit trail.
    """
    with _refusals_recorded(secret, person):
        return _join(secret, person, name, password)


@transaction.atomic
def _join(secret: str, person: User | None, name: str, password: str) -> User:
    invitation = _require_open(invitation_of(hashed(secret), lock=True), person)
    if person is None:
        if User.objects.filter(email__iexact=invitation.email).exists():
            raise InvitationForAnother(
                "There is an account with this address already.",
                advice="Sign in first, then open the link again.",
            )
        person, _ = create_person(email=invitation.email, name=name.strip(), password=password)
    give_role(
        person=person,
        project=invitation.project,
        role=Role(invitation.role),
        actor=invitation.invited_by,
    )
    invitation.accepted_at, invitation.accepted_by = timezone.now(), person
    invitation.save(update_fields=["accepted_at", "accepted_by"])
    record(
        verb="experts.invitation_accepted",
        actor=person,
        target=invitation,
        project_id=invitation.project_id,
    )
    notify(
        person=invitation.invited_by,
        kind=NotificationKind.MEMBERSHIP,
        key=f"invitation-{invitation.pk}-accepted",
        title=f"{person} has joined “{invitation.project}”",
        url=reverse("people:person", args=[person.pseudonym]),
    )
    return person


@transaction.atomic
def withdraw_invitation(*, actor: User, invitation: Invitation) -> Invitation:
    """Make an open invitation void."""
    invitation = Invitation.objects.select_for_update().get(pk=invitation.pk)
    hold_role.require(actor, invitation.project, Role.LEAD)
    if invitation.accepted_at or invitation.withdrawn_at:
        raise AlreadyDone
    invitation.withdrawn_at = timezone.now()
    invitation.save(update_fields=["withdrawn_at"])
    record(
        verb="experts.invitation_withdrawn",
        actor=actor,
        target=invitation,
        project_id=invitation.project_id,
    )
    return invitation
