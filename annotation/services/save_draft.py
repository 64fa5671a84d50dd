"""Autosave: a batch of edits is put on the draft and into the writing log in one step."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from django.db import connection, transaction
from django.utils import timezone
from psycopg.types.json import Jsonb

from annotation.enums import AssignmentState, TaskState
from annotation.errors import DraftIsStale, HandedIn, LogInvalid, NotYourTask
from annotation.extras import checked_extras
from annotation.models import Assignment
from annotation.writing_log import Edit, Pages, chained, checksum, pack, replacement, unpack
from experts.models import User

ATTEMPTS = 3
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


@dataclass(frozen=True)
class Saved:
    """What the server holds now. `held` is False when the lease is gone, `dropped` says that the question
    went with it; the text is kept all the same."""

    version: int
    saved_at: datetime
    leased_until: datetime
    held: bool
    dropped: bool


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

    People save every second, so there is no lock and no transaction of several steps: the draft is read, and one
    statement writes draft and log if the draft is still what was read. Whoever comes second looks again.
    """
    for _ in range(ATTEMPTS):
        draft = _draft_of(person, task_id)
        if sequence <= draft.draft_version and _is_here(draft, sequence, session, edits):
            return saved(draft)
        if draft.state in {AssignmentState.SUBMITTED, AssignmentState.CLOSED}:
            raise HandedIn
        if sequence != draft.draft_version + 1:
            raise stale(draft)
        _carry_out(draft, edits)
        texts = draft.fields
        if check and any(checksum(texts.get(field, "")) != crc for field, crc in check.items()):
            raise stale(_draft_of(person, task_id))
        if extras is not None:
            draft.extras = checked_extras(extras)
        if _write(draft, session, edits):
            return saved(draft)
    raise stale(_draft_of(person, task_id))


@transaction.atomic
def save_plain(
    *,
    person: User,
    task_id: int,
    texts: Mapping[str, str],
    version: int,
    extras: Mapping[str, Any] | None = None,
) -> Saved:
    """Save whole texts as a form without scripts sends them: one edit of kind `other` a field. `extras` are
    the parts of the draft's own that the form has a place for; the others stay."""
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
    told = {name: value for name, value in (extras or {}).items() if value or name in draft.extras}
    together = draft.extras | told
    if not edits and together == draft.extras:
        return saved(draft)
    return save_draft(
        person=person,
        task_id=task_id,
        sequence=version + 1,
        session=UUID(int=0),
        edits=edits,
        extras=together,
    )


def save_edits(draft: Assignment, *, session: UUID, edits: list[Edit]) -> None:
    """Carry out edits on a locked draft, whatever its state, and append them to its log: for what
    happens to handed-in words (a reviewer's repair of form)."""
    _carry_out(draft, edits)
    if not _write(draft, session, edits):
        raise stale(draft)


def saved(draft: Assignment) -> Saved:
    """The answer to a save, from the draft as it stands."""
    held = draft.state == AssignmentState.LIVE
    return Saved(
        version=draft.draft_version,
        saved_at=draft.saved_at or draft.opened_at,
        leased_until=draft.leased_until,
        held=held,
        dropped=not held and draft.task.state == TaskState.WITHDRAWN,
    )


def stale(draft: Assignment) -> DraftIsStale:
    """The refusal that carries the newer draft, so that the page can join the two."""
    return DraftIsStale(version=draft.draft_version, fields=draft.fields, extras=draft.extras)


def _is_here(draft: Assignment, sequence: int, session: UUID, edits: list[Edit]) -> bool:
    """Whether this very batch was taken before and only the answer was lost."""
    batch = draft.log.filter(sequence=sequence, session=session).first()
    return batch is not None and unpack(bytes(batch.payload)) == edits


# Said in SQL because everybody who writes asks it every second: building the same query anew each time costs more
# than the database does.
_READ = "SELECT * FROM annotation_assignment WHERE task_id = %s AND expert_id = %s"


def _draft_of(person: User, task_id: int) -> Assignment:
    for draft in Assignment.objects.raw(_READ, [task_id, person.pk]):
        return draft
    raise NotYourTask


def _carry_out(draft: Assignment, edits: list[Edit]) -> None:
    pages = Pages(draft.fields)
    for edit in edits:
        pages.apply(edit)
    draft.fields = pages.texts()
    _require_storable(draft.fields)


def _require_storable(texts: Mapping[str, str]) -> None:
    """PostgreSQL stores neither the zero character nor half a surrogate pair."""
    if any(_UNSTORABLE.search(name) or _UNSTORABLE.search(text) for name, text in texts.items()):
        raise LogInvalid("The text holds a character that cannot be stored.")


_WRITE = """
WITH written AS (
  UPDATE annotation_assignment draft
  SET fields = %(fields)s, extras = %(extras)s, draft_version = %(version)s, log_sequence = %(version)s,
      log_head = %(head)s, saved_at = %(now)s, leased_until = CASE WHEN draft.state = 'live'
        THEN greatest(draft.leased_until, %(now)s + version.lease_minutes * interval '1 minute')
        ELSE draft.leased_until END
  FROM annotation_projectversion version
  WHERE version.id = draft.project_version_id
    AND draft.id = %(id)s AND draft.draft_version = %(version)s - 1 AND draft.state = %(state)s
  RETURNING draft.id, draft.leased_until
), logged AS (
  INSERT INTO annotation_logbatch (assignment_id, sequence, session, payload, chain, received_at)
  SELECT id, %(version)s, %(session)s, %(payload)s, %(head)s, %(now)s FROM written
)
SELECT leased_until FROM written
"""


def _write(draft: Assignment, session: UUID, edits: list[Edit]) -> bool:
    """Store draft and batch, and renew a lease, in one statement; False when the stored draft is no longer the
    one that was read."""
    now = timezone.now()
    payload = pack(edits)
    draft.draft_version += 1
    draft.log_sequence = draft.draft_version
    draft.log_head = chained(bytes(draft.log_head), payload)
    draft.saved_at = now
    values = {
        "id": draft.pk,
        "state": draft.state,
        "version": draft.draft_version,
        "fields": Jsonb(draft.fields, dumps=orjson.dumps),
        "extras": Jsonb(draft.extras, dumps=orjson.dumps),
        "head": draft.log_head,
        "now": now,
        "session": session,
        "payload": payload,
    }
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, values)
        row = cursor.fetchone()
    if row is not None:
        draft.leased_until = row[0]
    return row is not None
