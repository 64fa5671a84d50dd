"""The only writer of Release.state: lock, table, save, audit."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from audit.services import record
from experts.models import User
from exports.models import Release
from exports.workflow import RELEASE


def lock_release(pk: int) -> Release:
    """The release, locked until the transaction ends."""
    return Release.objects.select_for_update(of=("self",)).select_related("dataset").get(pk=pk)


def move_release(
    *,
    release: Release,
    verb: str,
    actor: User | None,
    changes: dict[str, Any] | None = None,
    **facts: Any,
) -> Release:
    """Take a locked release along `verb`; `changes` are further columns, `facts` go to the audit.

    Raises IllegalMove when the table has no such move from where the release stands.
    """
    if not transaction.get_connection().in_atomic_block:
        message = "move_release needs the caller's transaction and lock"
        raise RuntimeError(message)
    move = RELEASE.check(release.state, verb)
    release.state = move.target
    release.state_since = timezone.now()
    for field, value in (changes or {}).items():
        setattr(release, field, value)
    release.save(update_fields=["state", "state_since", *(changes or {})])
    record(
        verb=f"exports.release_{verb}",
        actor=actor,
        target=release,
        dataset=release.dataset.slug,
        version=release.version,
        source=move.source,
        to=move.target,
        **facts,
    )
    return release
