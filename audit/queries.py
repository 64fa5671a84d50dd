"""Reads of the audit trail."""

from django.db import models

from audit.models import Event


def events_of(target: models.Model) -> models.QuerySet[Event]:
    """What happened to one object, oldest first."""
    kind = target._meta.label_lower  # noqa: SLF001  (public in all but name)
    return Event.objects.filter(object_type=kind, object_id=str(target.pk)).order_by("id")
