"""A repair that somebody other than the author makes to handed-in words: the next revision, marked as such."""

from typing import Any
from uuid import UUID

from annotation.enums import TargetKind
from annotation.models import Assignment, Finding, Revision, Task
from annotation.services.read_log import verified
from annotation.services.run_checks import findings_for
from annotation.services.save_draft import save_edits
from annotation.services.submit import digest
from annotation.targets import compile_target
from annotation.writing_log import replacement
from experts.models import User
from experts.queries import valid_credential
from lib.errors import Conflict, Invalid
from lib.jobs import enqueue_on_commit

FIELD = "response"


def append_repair(*, task: Task, by: User, text: str) -> Revision:
    """The next revision of a locked task with `text` as its response.

    It stays the author's revision under the author's credential. The writing log gets one edit of kind
    `suggested`, so log, draft and record say that these words came from somebody else.
    """
    before = task.current_revision
    assert before is not None
    if task.instruction.target_kind != TargetKind.TEXT:
        raise Invalid("Only a plain response can be repaired here.")
    draft = Assignment.objects.select_for_update().get(pk=before.assignment_id)
    edit = replacement(draft.fields.get(FIELD, ""), text.replace("\r\n", "\n"), FIELD, "suggested")
    if edit is None:
        raise Invalid("Nothing was changed.")
    credential = valid_credential(before.author, task.domain)
    if credential is None:
        raise Conflict(
            "The author's credential has lapsed, so no new revision can be made of their work."
        )
    save_edits(draft, session=UUID(int=0), edits=[edit])
    return _append(task, draft, before, by, credential.pk)


def _append(
    task: Task, draft: Assignment, before: Revision, by: User, credential_id: int
) -> Revision:
    target: dict[str, Any] = compile_target(task.instruction, draft.fields, draft.extras)
    log = verified(draft)
    revision = Revision.objects.create(
        task=task,
        number=task.revisions.count() + 1,
        author=before.author,
        assignment=draft,
        credential_id=credential_id,
        project_version=before.project_version,
        target=target,
        content_sha256=digest(target),
        coverage=before.coverage,
        sources=before.sources,
        note=before.note,
        log_sequence=draft.log_sequence,
        log_head=bytes(draft.log_head),
        log_summary={**log.summary, "repaired_by": by.pseudonym},
        log_complete=log.complete,
        attestation=before.attestation,
    )
    findings = findings_for(
        instruction=task.instruction,
        target=target,
        project_version=before.project_version,
        coverage=before.coverage,
        task=task,
    )
    answers = dict(before.findings.values_list("check_id", "reason"))
    for finding in findings:
        finding.revision, finding.reason = revision, answers.get(finding.check_id, "")
    Finding.objects.bulk_create(findings)
    enqueue_on_commit("annotation.tasks.index_revisions", first=revision.pk, last=revision.pk)
    return revision
