"""What the checks say about a draft while it is being written."""

from collections.abc import Sequence
from typing import Any

from annotation.enums import TargetKind
from annotation.errors import NotYourTask, TargetInvalid
from annotation.models import Assignment, Finding
from annotation.queries import assignment_of
from annotation.services.keep_native import with_native
from annotation.services.run_checks import findings_for
from annotation.targets import compile_target
from annotation.targets.trajectory import for_checks
from annotation.targets.turns import turns_of
from annotation.targets.types import FIRST
from experts.models import User


def draft_findings(*, person: User, task_id: int) -> dict[str, Any]:
    """{"findings": [{check, severity, message, advice, where, field, replacement, path}], "unfinished": text} of the
    saved draft; `unfinished` says why it makes no target of its kind yet."""
    assignment = assignment_of(person, task_id)
    if assignment is None:
        raise NotYourTask
    if not any(text.strip() for text in assignment.fields.values()):
        return {"findings": [], "unfinished": ""}
    instruction = assignment.task.instruction
    try:
        target = compile_target(instruction, assignment.fields, with_native(assignment.extras))
    except TargetInvalid as problem:
        return {"findings": [], "unfinished": problem.message, **problem.data}
    found = findings_for(
        instruction=instruction,
        target=for_checks(target),
        project_version=assignment.project_version,
        coverage=assignment.extras.get("coverage", []),
        sources=assignment.extras.get("sources", []),
        task=assignment.task,
        draft=True,
    )
    return {"unfinished": "", "findings": shown(assignment, found)}


def shown(assignment: Assignment, findings: Sequence[Finding]) -> list[dict[str, Any]]:
    """Findings as the writing page shows them: with the field they speak of, and what may be put in the
    place of personal data and secrets."""
    fields = _fields(assignment)
    return [
        {
            "check": finding.check_id,
            "severity": finding.severity,
            "message": finding.message,
            "advice": finding.advice,
            "where": finding.where,
            "field": _field(finding.where, fields),
            "replacement": finding.data.get("replacement", ""),
            "path": finding.data.get("path", []),
        }
        for finding in findings
    ]


def _fields(assignment: Assignment) -> list[str]:
    """The field behind each message of the target, where there is one."""
    instruction = assignment.task.instruction
    if instruction.target_kind == TargetKind.MESSAGES:
        return [turn["field"] for turn in turns_of(assignment.extras, instruction)]
    return [FIRST] if instruction.target_kind in {TargetKind.TEXT, TargetKind.JSON} else []


def _field(where: dict[str, Any], fields: list[str]) -> str:
    number = where.get("message", 0)
    in_response = (
        where.get("part", "response") == "response" and "start" in where and "call" not in where
    )
    return fields[number] if in_response and 0 <= number < len(fields) else ""
