"""Jobs about people: mail, digests, reminders."""

from celery import shared_task

from experts.services import mail, reminders


@shared_task
def mail_notification(notification_id: int) -> None:
    """Send one notification by mail, unless it has been sent."""
    mail.mail_notification(notification_id=notification_id)


@shared_task
def mail_unsent() -> None:
    """Send what should have gone at once and did not, because the broker or the mail server was away."""
    mail.mail_unsent()


@shared_task
def mail_digests() -> None:
    """Send each person who wants one mail a day what is new."""
    mail.mail_digests()


@shared_task
def mail_invitation(invitation_id: int, link: str) -> None:
    """Send the link of an invitation."""
    mail.mail_invitation(invitation_id=invitation_id, link=link)


@shared_task
def remind_of_expiry() -> None:
    """Remind people 60, 30 and 7 days before a credential expires."""
    reminders.remind_of_expiry()
