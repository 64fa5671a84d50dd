"""Autosave: a batch of edits is put on the draft and into the writing log in one step."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from annotation.enums import AssignmentState
from annotation.errors import DraftIsStale, HandedIn, LogInvalid, NotYourTask
from annotation.extras import checked_extras
from annotation.models import Assignment, LogBatch
from annotation.writing_log import Edit, Pages, chained, checksum, pack, replacement, unpack
from experts.models import User


@dataclass(frozen=True)
class Saved:
    """What the server holds now. `held` is False when the lease is gone; the text is kept all the same."""

    version: int
    saved_at: datetime
    leased_until: datetime
    held: bool


@transaction.atomic
def save_draft(
    *,
    person: User,
    task_id: int,
    sequence: int,
    session: UUID,
    edits: list[Edit],
    extras: Mapping[str, Any] | None = None,
    check: Mapping[str, int] | None = None,
) -> Saved:
    """Take batch number `sequence` of this person's writing log and carry it out on the draft.

    The same batch twice is taken once. `check` maps touched fields to the CRC-32 of what the browser
    shows. Raises DraftIsStale (another tab or device came first; its data hold the newer draft),
    LogInvalid, HandedIn or NotYourTask.
    """
    drafts = Assignment.objects.select_related("project_version").select_for_update(of=("self",))
    draft = drafts.filter(task=task_id, expert=person).first()
    if draft is None:
        raise NotYourTask
    if sequence <= draft.draft_version and _is_here(draft, sequence, session, edits):
        return saved(draft)
    if draft.state in {AssignmentState.SUBMITTED, AssignmentState.CLOSED}:
        raise HandedIn
    if sequence != draft.draft_version + 1:
        raise stale(draft)
    pages = Pages(draft.fields)
    for edit in edits:
        pages.apply(edit)
    texts = pages.texts()
    _require_storable(texts)
    if check and any(checksum(texts.get(field, "")) != crc for field, crc in check.items()):
        raise stale(draft)
    draft.fields = texts
    if extras is not None:
        draft.extras = checked_extras(extras)
    _log(draft, session, edits)
    return saved(draft)


@transaction.atomic
def save_plain(*, person: User, task_id: int, texts: Mapping[str, str], version: int) -> Saved:
    """Save whole texts as a form without scripts sends them: one edit of kind `other` a field."""
    draft = Assignment.objects.select_for_update().filter(task=task_id, expert=person).first()
    if draft is None:
        raise NotYourTask
    edits = [
        edit
        for field, text in texts.items()
        if (
            edit := replacement(
                draft.fields.get(field, ""), text.replace("\r\n", "\n"), field, "other"
            )
        )
    ]
    if not edits:
        return saved(draft)
    return save_draft(
        person=person, task_id=task_id, sequence=version + 1, session=UUID(int=0), edits=edits
    )


def save_edits(draft: Assignment, *, session: UUID, edits: list[Edit]) -> None:
    """Carry out edits on a locked draft, whatever its state, and append them to its log: for what
    happens to handed-in words (a reviewer's repair of form)."""
    pages = Pages(draft.fields)
    for edit in edits:
        pages.apply(edit)
    draft.fields = pages.texts()
    _require_storable(draft.fields)
    _log(draft, session, edits)


def saved(draft: Assignment) -> Saved:
    """The answer to a save, from the draft as it stands."""
    return Saved(
        version=draft.draft_version,
        saved_at=draft.saved_at or draft.opened_at,
        leased_until=draft.leased_until,
        held=draft.state == AssignmentState.LIVE,
    )


def stale(draft: Assignment) -> DraftIsStale:
    """The refusal that carries the newer draft, so that the page can join the two."""
    return DraftIsStale(version=draft.draft_version, fields=draft.fields, extras=draft.extras)


def _is_here(draft: Assignment, sequence: int, session: UUID, edits: list[Edit]) -> bool:
    """Whether this very batch was taken before and only the answer was lost."""
    batch = draft.log.filter(sequence=sequence, session=session).first()
    return batch is not None and unpack(bytes(batch.payload)) == edits


def _require_storable(texts: Mapping[str, str]) -> None:
    """PostgreSQL stores neither the zero character nor half a surrogate pair."""
    for text in texts.values():
        if "\x00" in text or any("\ud800" <= character <= "\udfff" for character in text):
            raise LogInvalid("The text holds a character that cannot be stored.")


def _log(draft: Assignment, session: UUID, edits: list[Edit]) -> None:
    now = timezone.now()
    payload = pack(edits)
    draft.draft_version += 1
    draft.log_sequence = draft.draft_version
    draft.log_head = chained(bytes(draft.log_head), payload)
    draft.saved_at = now
    if draft.state == AssignmentState.LIVE:
        minutes = draft.project_version.lease_minutes
        draft.leased_until = max(draft.leased_until, now + timedelta(minutes=minutes))
    LogBatch.objects.create(
        assignment=draft,
        sequence=draft.log_sequence,
        session=session,
        payload=payload,
        chain=draft.log_head,
        received_at=now,
    )
    draft.save(
        update_fields=[
            "fields", "extras", "draft_version", "log_sequence", "log_head", "saved_at", "leased_until",
        ]
    )  # fmt: skip
