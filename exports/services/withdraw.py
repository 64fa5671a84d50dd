"""Governance: take records out of every later release, and tell those who hold earlier ones."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from annotation.enums import TaskState
from annotation.models import Task
from annotation.services.move import lock_task, move_task
from audit.services import record
from experts.models import User
from exports import queries
from exports.enums import Reason
from exports.models import Record, Release, Withdrawal
from exports.services.pair_consent import say_of_pairs
from lib.errors import Invalid, NotFound

BATCH = 500


def withdraw_record(*, record_id: UUID, person: User, reason: str, note: str = "") -> Withdrawal:
    """Take one approved record back: a tombstone from now on, an advisory on releases that hold it."""
    made = _withdraw(Task.objects.filter(key=record_id), person, reason, note)
    if not made:
        raise NotFound("No approved record has this id, or it is withdrawn already.")
    return made[0]


@transaction.atomic
def withdraw_contributor(
    *, contributor: User, person: User, reason: str = Reason.CONSENT, note: str = ""
) -> int:
    """Take back everything approved that one person wrote, and keep their earlier texts out of
    preference pairs; returns how many records."""
    if queries.pairs_allowed_by(contributor):
        say_of_pairs(person=contributor, allowed=False)
    written = Task.objects.filter(author=contributor)
    return len(_withdraw(written, person, reason, note))


def end_retention(*, on: date | None = None) -> int:
    """Take back every record whose last day was before `on` (today); returns how many.

    A record leaves the selection on that day by itself; this writes the tombstone and the advisory.
    """
    day = on or timezone.now().date()
    past = Record.objects.filter(
        retention_until__lt=day,
        task__state=TaskState.APPROVED,
        revision=F("task__current_revision"),
    )
    keys = past.order_by("task_id").values_list("task_id", flat=True)
    made = 0
    while batch := list(keys[:BATCH]):
        found = _withdraw(Task.objects.filter(pk__in=batch), None, Reason.RETENTION, "")
        made += len(found)
        if not found:
            break
    return made


@transaction.atomic
def _withdraw(
    tasks: Iterable[Task], person: User | None, reason: str, note: str
) -> list[Withdrawal]:
    if reason not in Reason.values:
        raise Invalid("Choose a reason for the withdrawal.")
    made = []
    for task_id in sorted(task.pk for task in tasks):
        task = lock_task(task_id)
        if task.state != TaskState.APPROVED:
            continue
        made.append(_tombstone(task, person, reason, note))
    _advise([withdrawal.record_id for withdrawal in made], reason)
    return made


def _tombstone(task: Task, person: User | None, reason: str, note: str) -> Withdrawal:
    move_task(task=task, verb="withdraw", actor=person, reason=reason)
    made = Withdrawal.objects.create(
        record_id=task.key, project=task.project, reason=reason, note=note.strip(), by=person
    )
    record(
        verb="exports.record_withdrawn",
        actor=person,
        target=task,
        project_id=task.project_id,
        record_id=str(task.key),
        reason=reason,
    )
    return made


def _advise(record_ids: list[UUID], reason: str) -> None:
    """Write on every published release how many of its records are withdrawn by now."""
    holding = Release.objects.filter(
        queries.holds(record__record_id__in=record_ids), state__in=queries.UP_TO_DATE
    )
    for release in holding.select_for_update().order_by("pk"):
        gone = queries.withdrawn_since(release)
        noun = "record was" if gone == 1 else "records were"
        release.advisory = (
            f"{gone} {noun} withdrawn since this version was published, last for this reason: "
            f"{Reason(reason).label.lower()}. Use a later version, or leave them out."
        )
        release.save(update_fields=["advisory"])
