"""What the writing side holds of a person's words and about them, for the copy of their data."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from annotation.models import Assignment, Finding, LogBatch
from annotation.writing_log import unpack
from corpus.models import Hit, Pair
from experts.models import User
from lib.errors import DomainError

_ASSIGNMENT = (
    "task__key", "state", "opened_at", "ended_at", "skip_reason", "skip_note", "fields", "extras",
)  # fmt: skip
_REVISION = (
    "task__key", "number", "target", "coverage", "sources", "note", "log_summary", "attestation", "submitted_at",
)  # fmt: skip
_FINDING = ("revision__task__key", "revision__number", "check_id", "severity", "message", "reason")


def data_of(person: User) -> Iterator[tuple[str, Iterable[Mapping[str, Any]]]]:
    """Named lists of rows. Questions and answers stand with the reviewing side, which knows all of them."""
    assignments = Assignment.objects.filter(expert=person).order_by("pk")
    yield "assignments", assignments.values(*_ASSIGNMENT).iterator(chunk_size=200)
    submitted = person.revisions.order_by("pk")
    yield "submitted", submitted.values(*_REVISION).iterator(chunk_size=200)
    found = Finding.objects.filter(revision__author=person).order_by("pk")
    yield "findings", found.values(*_FINDING).iterator(chunk_size=200)
    yield "writing_log", _log(person)
    yield "decisions_about_likenesses", _decisions(person)


def _log(person: User) -> Iterator[Mapping[str, Any]]:
    """Every edit, batch by batch, as the replay reads it; a batch that cannot be read is given as it is not."""
    batches = LogBatch.objects.filter(assignment__expert=person).select_related("assignment__task")
    for batch in batches.order_by("assignment", "sequence").iterator(chunk_size=100):
        yield {
            "task__key": batch.assignment.task.key,
            "sequence": batch.sequence,
            "received_at": batch.received_at,
            "edits": _edits(batch),
        }


def _edits(batch: LogBatch) -> list[Any]:
    try:
        return [edit.as_list() for edit in unpack(bytes(batch.payload))]
    except DomainError:
        return []


def _decisions(person: User) -> Iterator[Mapping[str, Any]]:
    """What they decided, with their reasons, about texts that are alike and items of protected benchmarks."""
    settled = Pair.objects.filter(settled_by=person).order_by("pk")
    yield from settled.values("first", "second", "state", "kept", "reason", "settled_at")
    decided = Hit.objects.filter(decided_by=person).order_by("pk")
    yield from decided.values("ref", "state", "reason", "decided_at")
