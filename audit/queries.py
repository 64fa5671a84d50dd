"""Reads of the audit trail."""

from dataclasses import dataclass
from datetime import date

from django.db import models

from audit.models import Event


def events_of(target: models.Model) -> models.QuerySet[Event]:
    """What happened to one object, oldest first."""
    kind = target._meta.label_lower  # noqa: SLF001  (public in all but name)
    return Event.objects.filter(object_type=kind, object_id=str(target.pk)).order_by("id")


@dataclass(frozen=True)
class Wanted:
    """Which events somebody looks for; empty fields do not narrow.

    `verb` is the beginning of a verb ("review."), `person` a part of an address, `target` reads
    "annotation.task 17", `since` and `until` are days, both included.
    """

    verb: str = ""
    person: str = ""
    target: str = ""
    since: date | None = None
    until: date | None = None


def events(wanted: Wanted) -> models.QuerySet[Event]:
    """The events that fit, newest first."""
    found = Event.objects.select_related("actor").order_by("-id")
    if wanted.verb:
        found = found.filter(verb__startswith=wanted.verb)
    if wanted.person:
        found = found.filter(actor__email__icontains=wanted.person)
    if wanted.target:
        kind, _, key = wanted.target.strip().rpartition(" ")
        found = found.filter(object_id=key, **({"object_type": kind.strip()} if kind else {}))
    if wanted.since:
        found = found.filter(at__date__gte=wanted.since)
    if wanted.until:
        found = found.filter(at__date__lte=wanted.until)
    return found
