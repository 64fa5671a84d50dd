"""The only writer of audit events."""

from typing import Any

from django.db import models

from audit.models import Event


def event(
    *,
    verb: str,
    target: models.Model | type[models.Model],
    actor: Any = None,
    project_id: int | None = None,
    **data: Any,
) -> Event:
    """An unsaved event, for writers that append many at once.

    A model itself as `target` stands for many of its rows at once.
    """
    return Event(
        verb=verb,
        actor=actor if getattr(actor, "pk", None) else None,
        object_type=target._meta.label_lower,  # noqa: SLF001  (public in all but name)
        object_id=str(target.pk) if isinstance(target, models.Model) else "all",
        project_id=project_id,
        data=data,
    )


def record(
    *,
    verb: str,
    target: models.Model | type[models.Model],
    actor: Any = None,
    project_id: int | None = None,
    **data: Any,
) -> Event:
    """Append one event inside the caller's transaction, so that fact and record commit together."""
    made = event(verb=verb, target=target, actor=actor, project_id=project_id, **data)
    made.save(force_insert=True)
    return made
