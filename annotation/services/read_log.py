"""The writing log out of the database: verified, replayed, summed up."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from annotation.models import Assignment, LogBatch
from annotation.provenance import Batch, summarise
from annotation.writing_log import Edit, chain_holds, replay, unpack
from lib.errors import DomainError


@dataclass(frozen=True)
class Verified:
    """Whether the log replays to exactly the draft, and what it tells."""

    complete: bool
    summary: dict[str, Any]


def batches_of(assignment: Assignment, upto: int | None = None) -> list[LogBatch]:
    """The batches in order, up to and with number `upto`."""
    rows = LogBatch.objects.filter(assignment=assignment).order_by("sequence")
    return list(rows if upto is None else rows.filter(sequence__lte=upto))


def verified(assignment: Assignment) -> Verified:
    """Check the chain and replay the log against the draft as it stands. A log that does not hold is a
    flag for people to read, never a refusal."""
    rows = batches_of(assignment)
    links = [(row.sequence, bytes(row.payload), bytes(row.chain)) for row in rows]
    try:
        read = _read(rows)
        rebuilt = replay(edit for batch in read for edit in batch.edits)
        complete = chain_holds(links) and _same(rebuilt, assignment.fields)
    except DomainError:
        return Verified(complete=False, summary={})
    return Verified(complete=complete, summary=_summary(assignment, read))


def summary_of(assignment: Assignment) -> dict[str, Any]:
    """The summary of a draft that is still being written."""
    return _summary(assignment, _read(batches_of(assignment)))


def log_as_json(assignment: Assignment, upto: int | None = None) -> dict[str, Any]:
    """{"batches": [{"at", "sequence", "edits"}]} for the replay in the browser."""
    return as_json(_read(batches_of(assignment, upto)))


def as_json(batches: Sequence[Batch]) -> dict[str, Any]:
    """The same of batches that are read already; they are numbered from 1 without a gap."""
    return {
        "batches": [
            {
                "at": batch.received_at.isoformat(),
                "sequence": sequence,
                "edits": [edit.as_list() for edit in batch.edits],
            }
            for sequence, batch in enumerate(batches, 1)
        ]
    }


def texts_at(assignment: Assignment, sequence: int) -> dict[str, str]:
    """The fields as they stood after batch number `sequence`."""
    return replay(_edits(batches_of(assignment, sequence)))


def _edits(rows: list[LogBatch]) -> Iterator[Edit]:
    for row in rows:
        yield from unpack(bytes(row.payload))


def _read(rows: list[LogBatch]) -> list[Batch]:
    return [Batch(row.received_at, str(row.session), unpack(bytes(row.payload))) for row in rows]


def _summary(assignment: Assignment, batches: list[Batch]) -> dict[str, Any]:
    instruction = assignment.task.instruction
    given = [str(message.get("content") or "") for message in instruction.messages]
    given += [str(item.get("text") or "") for item in instruction.evidence]
    return summarise(
        batches,
        given=given,
        declared=assignment.extras.get("pastes", []),
        assistive=assignment.expert.assistive_input,
    )


def _same(rebuilt: dict[str, str], fields: dict[str, str]) -> bool:
    written = {name: text for name, text in fields.items() if text}
    return {name: text for name, text in rebuilt.items() if text} == written
