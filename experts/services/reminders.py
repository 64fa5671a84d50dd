"""Remind people before a credential runs out."""

from datetime import timedelta

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils import timezone

from experts.enums import CredentialState, NotificationKind
from experts.models import Credential
from experts.services.notify import notify

DAYS_BEFORE = (60, 30, 7)


def remind_of_expiry() -> int:
    """Tell holders 60, 30 and 7 days ahead, and once it has expired; returns how many were told now.

    Whoever was not told on the day (the machine was off) is told on the next run, of the nearest
    mark only; a credential with a verified renewal needs no reminder.
    """
    today = timezone.now().date()
    renewed = Credential.objects.filter(renews=OuterRef("pk"), state=CredentialState.VERIFIED)
    ending = (
        Credential.objects.filter(
            ~Exists(renewed),
            state=CredentialState.VERIFIED,
            expires_on__lte=today + timedelta(days=max(DAYS_BEFORE)),
            expires_on__gte=today - timedelta(days=30),
        )
        .select_related("person")
        .order_by("expires_on", "pk")
    )
    return sum(_remind(credential) for credential in ending)


def _remind(credential: Credential) -> bool:
    assert credential.expires_on is not None
    left = (credential.expires_on - timezone.now().date()).days
    mark = min((days for days in DAYS_BEFORE if left <= days), default=0) if left >= 0 else -1
    title = (
        f"“{credential.title}” has expired"
        if left < 0
        else f"“{credential.title}” expires in {left} day{'' if left == 1 else 's'}"
    )
    told = notify(
        person=credential.person,
        kind=NotificationKind.CREDENTIAL,
        key=f"credential-{credential.pk}-expires-{mark}",
        title=title,
        body="Add the renewed document now, so that tasks go on reaching you. Finished work is not touched.",
        url=reverse("people:credential", args=[credential.pk]),
    )
    return told is not None
