"""Run every check over a file of pairs or chats: duplicates within it and protected sets included."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

import orjson

from checks.runner import run
from checks.shapes import Pair, read_pair
from checks.types import Finding, Message, Neighbour, Subject
from corpus.files import Row, rows_of
from corpus.queries import protected_hits_of
from corpus.within_file import Index, Spool

_BATCH = 200


@dataclass
class Summary:
    """What was found in a file, counted by check."""

    rows: int = 0
    clean: int = 0
    unreadable: int = 0
    by_check: Counter[str] = field(default_factory=Counter)


# What else is known that a (question, response) may be the same as.
LookUp = Callable[[str, str], Sequence[Neighbour]]


def check_rows(
    *,
    path: Path,
    out: IO[bytes],
    format_spec: Mapping[str, Any] | None = None,
    known: LookUp | None = None,
) -> Summary:
    """Write one JSON line a row to `out`: `{"row", "id", "findings": […]}`, rows counted from 1.

    `known` looks for a row beyond the file, in a project for instance. Reads the file once, its texts
    twice (from a spool on disk). Raises UnreadableFile.
    """
    summary = Summary()
    with Spool() as spool:
        index = Index(spool)
        for number, row in enumerate(rows_of(path)):
            kept = _kept(row)
            spool.append(kept)
            index.add(number, kept["question"], kept["response"], kept["id"])
        index.settle()
        for batch in _batches(range(len(spool))):
            for line in _checked(batch, spool, index, format_spec or {}, known):
                _count(summary, line)
                out.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))
    return summary


def _kept(row: Row) -> dict[str, Any]:
    """What the second pass needs of a row."""
    pair = Pair() if row.problem and not row.data else read_pair(row.data)
    return {
        "number": row.number,
        "id": pair.id,
        "problem": row.problem or ("This row holds no text." if pair.is_empty else ""),
        "question": pair.question,
        "response": pair.response,
        "instruction": [asdict(message) for message in pair.instruction],
        "target": [asdict(message) for message in pair.target],
        "evidence": pair.evidence,
        "tools": pair.tools,
        "language": pair.language,
    }


def _batches(numbers: range) -> Iterator[list[int]]:
    rest = iter(numbers)
    while batch := list(itertools.islice(rest, _BATCH)):
        yield batch


def _checked(
    numbers: list[int],
    spool: Spool,
    index: Index,
    spec: Mapping[str, Any],
    beyond: LookUp | None,
) -> Iterator[dict[str, Any]]:
    rows = [spool[number] for number in numbers]
    subjects = [_subject(row, spec) for row in rows]
    protected = protected_hits_of([list(subject.texts()) for subject in subjects])
    for number, row, subject, hits in zip(numbers, rows, subjects, protected, strict=True):
        known = index.neighbours(number, row["question"], row["response"])
        if beyond is not None:
            known += tuple(beyond(row["question"], row["response"]))
        whole = Subject(**{**subject.fields(), "neighbours": known, "protected": tuple(hits)})
        findings = [] if row["problem"] else run(whole)
        yield {
            "row": row["number"],
            "id": row["id"] or str(row["number"]),
            "findings": [
                *_problem(row),
                *(_as_json(f, len(subject.instruction)) for f in findings),
            ],
        }


def _subject(row: Mapping[str, Any], spec: Mapping[str, Any]) -> Subject:
    target = list(row["target"])
    return Subject(
        target={"kind": "text", "messages": target},
        instruction=tuple(Message.from_dict(message) for message in row["instruction"]),
        evidence=tuple(row["evidence"]),
        tools=tuple(row["tools"]),
        language=row["language"],
        format_spec=spec,
        has_response=bool(target),
    )


def _problem(row: Mapping[str, Any]) -> list[dict[str, Any]]:
    if not row["problem"]:
        return []
    return [{"check": "row", "severity": "error", "message": row["problem"], "where": {}}]


def _as_json(finding: Finding, before: int) -> dict[str, Any]:
    """A finding as the contract has it; messages are counted through the whole chat from 0."""
    where = finding.where.as_dict()
    if where.get("part") == "response" and "message" in where:
        where["message"] += before
    line = {
        "check": finding.check,
        "severity": finding.severity.value,
        "message": finding.message,
        "where": where,
    }
    if match := finding.data.get("match"):
        line["match"] = match
    return line


def _count(summary: Summary, line: Mapping[str, Any]) -> None:
    summary.rows += 1
    checks = {finding["check"] for finding in line["findings"]}
    summary.clean += not checks
    summary.unreadable += "row" in checks
    summary.by_check.update(checks)
