"""Tell people what concerns them, once."""

from django.db import transaction
from django.utils import timezone

from experts.enums import Delivery, NotificationKind
from experts.models import Notification, NotificationChoice, User
from experts.queries import leads_over
from lib.jobs import enqueue_on_commit


@transaction.atomic
def notify(
    *, person: User, kind: NotificationKind, key: str, title: str, body: str = "", url: str = ""
) -> Notification | None:
    """Put a line into a person's inbox and, as they have chosen, into their mail.

    `key` names the occasion; None when they have been told of it before.
    """
    chosen = NotificationChoice.objects.filter(person=person, kind=kind).first()
    delivery = Delivery(chosen.delivery) if chosen else Delivery.AT_ONCE
    made = Notification.objects.bulk_create(
        [
            Notification(
                person=person,
                kind=kind,
                key=key,
                title=title,
                body=body,
                url=url,
                delivery=delivery,
            )
        ],
        ignore_conflicts=True,
    )
    notification = Notification.objects.get(person=person, key=key)
    # With conflicts ignored the database does not say whether the row is ours; its content does.
    if notification.created_at != made[0].created_at:
        return None
    if delivery == Delivery.AT_ONCE:
        enqueue_on_commit("experts.tasks.mail_notification", notification_id=notification.pk)
    return notification


def notify_leads_of(
    person: User, *, kind: NotificationKind, key: str, title: str, body: str = "", url: str = ""
) -> None:
    """Tell everybody who leads a project of `person`."""
    for lead in leads_over(person):
        notify(person=lead, kind=kind, key=key, title=title, body=body, url=url)


@transaction.atomic
def choose_delivery(*, person: User, choices: dict[str, str]) -> None:
    """Keep how a person wants each kind of notification."""
    for kind, delivery in choices.items():
        NotificationChoice.objects.update_or_create(
            person=person, kind=NotificationKind(kind), defaults={"delivery": Delivery(delivery)}
        )


@transaction.atomic
def mark_read(*, person: User, notification_id: int | None) -> Notification | None:
    """Mark one line of the inbox as read, or all of them; returns the one."""
    lines = Notification.objects.filter(person=person)
    if notification_id is not None:
        lines = lines.filter(pk=notification_id)
    lines.filter(read_at=None).update(read_at=timezone.now())
    return lines.first() if notification_id is not None else None
