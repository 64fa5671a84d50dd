"""Mail for notifications, digests and invitations: each at most once."""

import smtplib
from collections.abc import Iterable
from datetime import timedelta
from itertools import groupby

from django.conf import settings
from django.core.mail import send_mail
from django.db import models, transaction
from django.utils import timezone

from experts.enums import Delivery
from experts.models import Invitation, Notification

FAILED = (smtplib.SMTPException, OSError)


def mail_notification(*, notification_id: int) -> bool:
    """Send one notification; whether it was sent now. A worker that finds it taken leaves it alone."""
    return _send_marked(Notification.objects.filter(pk=notification_id, delivery=Delivery.AT_ONCE))


def mail_unsent() -> int:
    """Send at-once notifications that nobody sent within ten minutes; returns how many."""
    late = timezone.now() - timedelta(minutes=10)
    waiting = Notification.objects.filter(
        delivery=Delivery.AT_ONCE, mailed_at=None, read_at=None, created_at__lt=late
    )
    unsent = waiting.values_list("pk", flat=True)[:500]
    return _send_each(Notification.objects.filter(pk=pk) for pk in unsent)


def mail_digests() -> int:
    """One mail a person with everything new that they want once a day; returns how many mails."""
    waiting = Notification.objects.filter(delivery=Delivery.DAILY, mailed_at=None, read_at=None)
    people = waiting.order_by("person").values_list("person", flat=True).distinct()
    return _send_each(waiting.filter(person=person) for person in people)


def _send_each(mails: Iterable[models.QuerySet[Notification]]) -> int:
    """Send mail after mail. One that the server refuses does not keep the others, and is told of at the end; a
    server that cannot be reached ends it at once."""
    sent, refused = 0, []
    for wanted in mails:
        try:
            sent += _send_marked(wanted)
        except smtplib.SMTPException as problem:
            refused.append(problem)
    if refused:
        raise refused[0]
    return sent


def _send_marked(wanted: models.QuerySet[Notification]) -> bool:
    """Mark, commit, then send: a crash in between loses a mail and never repeats one. A mail server that
    refuses is known to have sent nothing, so the mark is taken away again."""
    with transaction.atomic():
        taken = list(
            wanted.filter(mailed_at=None, person__is_active=True)
            .select_related("person")
            .select_for_update(of=("self",), skip_locked=True)
            .order_by("id")
        )
        ids = [notification.pk for notification in taken]
        Notification.objects.filter(pk__in=ids).update(mailed_at=timezone.now())
    if not taken:
        return False
    try:
        _send(taken)
    except FAILED:
        Notification.objects.filter(pk__in=ids).update(mailed_at=None)
        raise
    return True


def _send(notifications: list[Notification]) -> None:
    person = notifications[0].person
    one = len(notifications) == 1
    subject = notifications[0].title if one else f"{len(notifications)} things are new for you"
    send_mail(subject, _body(notifications), None, [person.email])


def _body(notifications: Iterable[Notification]) -> str:
    parts = []
    for kind, group in groupby(notifications, key=lambda one: one.get_kind_display()):
        lines = [f"{one.title}\n{one.body}\n{_address(one.url)}".strip() for one in group]
        parts.append("\n\n".join([f"# {kind}", *lines]))
    choices = _address("/people/notifications/choices/")
    return "\n\n".join([*parts, f"-- \nChoose what you hear of by mail: {choices}"])


def _address(path: str) -> str:
    return f"{settings.SITE_URL.rstrip('/')}{path}" if path else ""


def mail_invitation(*, invitation_id: int, link: str) -> bool:
    """Send an invitation's link, while the invitation is open and nobody has sent it; whether it was sent now."""
    unsent = Invitation.objects.filter(pk=invitation_id, mailed_at=None)
    invitation = unsent.select_related("project", "invited_by").first()
    if invitation is None or not invitation.is_open:
        return False
    # Marked first, as above: whoever comes second finds nothing to mark.
    if not unsent.update(mailed_at=timezone.now()):
        return False
    try:
        send_mail(
            f"{invitation.invited_by} invites you to “{invitation.project}”",
            f"You are invited to work as {invitation.get_role_display().lower()} in “{invitation.project}”.\n\n"
            f"Open this link to accept: {_address(link)}\n\n"
            f"It is meant for {invitation.email} and open until {invitation.expires_at:%d %B %Y}.",
            None,
            [invitation.email],
        )
    except FAILED:
        Invitation.objects.filter(pk=invitation_id).update(mailed_at=None)
        raise
    return True
