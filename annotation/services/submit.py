"""Hand in a draft: it becomes an immutable revision and goes to review."""

import hashlib
from collections.abc import Mapping
from typing import Any

import orjson
from django.db import transaction
from django.utils import timezone

from annotation.enums import AssignmentState, Severity, TaskState
from annotation.errors import (
    CredentialNeeded,
    DraftIsStale,
    FindingsBlock,
    LeaseLost,
    NothingWritten,
    NotYourTask,
    QuestionDropped,
)
from annotation.extras import marks_in_code_points
from annotation.models import Assignment, Finding, Revision, Task
from annotation.project_settings import setting
from annotation.repair import is_form_only
from annotation.services.check_draft import shown
from annotation.services.keep_native import with_native
from annotation.services.look_up import know_response
from annotation.services.move import lock_task, move_task
from annotation.services.read_log import verified
from annotation.services.run_checks import findings_for
from annotation.targets import compile_target
from annotation.targets.trajectory import for_checks
from experts.models import User
from experts.queries import valid_credential
from lib.jobs import enqueue_on_commit

ATTESTATION = (
    "I wrote this response myself, from my own knowledge and the sources I name. "
    "No text in it was produced by an AI system, and nothing in it identifies a real patient or client."
)


def digest(target: Mapping[str, Any]) -> bytes:
    """SHA-256 of the target with sorted keys: 32 bytes."""
    return hashlib.sha256(orjson.dumps(target, option=orjson.OPT_SORT_KEYS)).digest()


@transaction.atomic
def submit_revision(
    *,
    person: User,
    task_id: int,
    draft_version: int | None = None,
    reasons: Mapping[str, str] | None = None,
    note: str = "",
) -> Revision:
    """Freeze this person's saved draft as the next revision and move the task to review.

    `draft_version` is the save the page was looking at, `reasons` the answers to warnings by check id.
    Raises LeaseLost, DraftIsStale, NothingWritten, FindingsBlock or CredentialNeeded; the draft is kept
    in every case.
    """
    task = lock_task(task_id)
    assignment = (
        Assignment.objects.select_related("project_version", "task__instruction", "task__domain")
        .select_for_update(of=("self",))
        .filter(task=task, expert=person)
        .first()
    )
    if assignment is None:
        raise NotYourTask
    # What was read just now is not asked for again.
    task.instruction, task.domain = assignment.task.instruction, assignment.task.domain
    assignment.task, assignment.expert = task, person
    if assignment.state == AssignmentState.SUBMITTED and draft_version == assignment.draft_version:
        return assignment.revisions.latest("number")  # pressed again: the first answer was lost
    if assignment.state != AssignmentState.LIVE:
        raise QuestionDropped if task.state == TaskState.WITHDRAWN else LeaseLost
    if draft_version is not None and draft_version != assignment.draft_version:
        raise DraftIsStale
    revision, findings = _revision(task, assignment, reasons or {}, note)
    revision.save(force_insert=True)
    for finding in findings:
        finding.revision = revision
    Finding.objects.bulk_create(findings)
    know_response(revision=revision)
    enqueue_on_commit("annotation.tasks.look_at_revision", revision_id=revision.pk)
    enqueue_on_commit("annotation.tasks.index_revisions", first=revision.pk, last=revision.pk)
    assignment.state = AssignmentState.SUBMITTED
    assignment.ended_at = timezone.now()
    assignment.save(update_fields=["state", "ended_at"])
    move_task(
        task=task,
        verb=_way_to_review(task, revision),
        actor=person,
        changes={"current_revision": revision},
        revision=revision.number,
    )
    return revision


def _revision(
    task: Task, assignment: Assignment, reasons: Mapping[str, str], note: str
) -> tuple[Revision, list[Finding]]:
    person = assignment.expert
    extras = with_native(assignment.extras)
    if "trajectory" not in extras and not any(text.strip() for text in assignment.fields.values()):
        raise NothingWritten(advice="Write your response, then submit it.")
    target = compile_target(task.instruction, assignment.fields, extras)
    coverage, sources = marks_in_code_points(assignment.fields, assignment.extras)
    credential = valid_credential(person, task.domain)
    if credential is None:
        raise CredentialNeeded
    findings = findings_for(
        instruction=task.instruction,
        target=for_checks(target),
        project_version=assignment.project_version,
        coverage=coverage,
        sources=sources,
        task=task,
    )
    _require_answers(assignment, findings, reasons)
    log = verified(assignment)
    revision = Revision(
        task=task,
        number=task.revisions.count() + 1,
        author=person,
        assignment=assignment,
        credential=credential,
        project_version=assignment.project_version,
        target=target,
        content_sha256=digest(target),
        coverage=coverage,
        sources=sources,
        note=note,
        log_sequence=assignment.log_sequence,
        log_head=bytes(assignment.log_head),
        log_summary=log.summary,
        log_complete=log.complete,
        attestation=ATTESTATION,
    )
    return revision, findings


def _require_answers(
    assignment: Assignment, findings: list[Finding], reasons: Mapping[str, str]
) -> None:
    """Errors block; a warning passes with a reason in the author's words."""
    for finding in findings:
        finding.reason = reasons.get(finding.check_id, "").strip()
    blocking = [
        finding
        for finding in findings
        if finding.severity == Severity.ERROR
        or (finding.severity == Severity.WARNING and not finding.reason)
    ]
    if blocking:
        raise FindingsBlock(
            advice="Mend the errors; for each warning, either mend it or say in a few words why it stands.",
            findings=shown(assignment, findings),
        )


def _way_to_review(task: Task, revision: Revision) -> str:
    """A repair of form alone, within the project's limit, need not go back to the expert."""
    passed = task.expert_passed_revision
    limit = setting(revision.project_version, "form_repair_limit")
    if passed is not None and is_form_only(passed.target, revision.target, limit=limit):
        return "submit_repair"
    return "submit"
