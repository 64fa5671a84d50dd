"""Instructions written by hand: one more, or the correction of one, which is a new version of it."""

from dataclasses import replace
from typing import Any

from django.db import transaction
from django.urls import reverse

from annotation.corrections import newest_version_of
from annotation.enums import AssignmentState, TaskState
from annotation.errors import (
    InstructionAlreadyThere,
    InstructionCorrected,
    NotYourTask,
    ReasonMissing,
)
from annotation.importing.draft import Draft
from annotation.models import Assignment, Instruction, Task
from annotation.services.add_instructions import add_instructions
from annotation.services.move import lock_task
from audit.services import record
from experts.enums import NotificationKind
from experts.models import Domain, Project, User
from experts.rules import require_at_work
from experts.services.notify import notify
from lib.jobs import enqueue_on_commit

# What a correction takes from the draft; where it comes from and how many responses it wants stay.
_CORRECTED = (
    "messages", "evidence", "tools", "requirements", "target_kind", "target_schema", "language",
    "difficulty", "task_type", "tags",
)  # fmt: skip
_KEPT = (
    "series", "external_id", "attachments", "source", "rights", "responses_wanted", "import_run",
)  # fmt: skip


@transaction.atomic
def write_instruction(*, project: Project, draft: Draft, actor: User) -> Instruction:
    """One instruction more, with its tasks; raises ProjectArchived or InstructionAlreadyThere."""
    require_at_work(project.pk)
    _require_new(project, draft)
    draft = replace(draft, source={"written": "here"})
    domains = {draft.domain: Domain.objects.get(path=draft.domain).pk}
    add_instructions(project=project, drafts=[draft], domains=domains, actor=actor)
    return Instruction.objects.get(project=project, content_sha256=draft.sha256)


@transaction.atomic
def correct_instruction(*, instruction_id: int, draft: Draft, why: str, actor: User) -> Instruction:
    """The next version of an instruction. Tasks that nobody has begun ask the corrected one from now on;
    whoever is writing is told and may move on to it; what was handed in stays with what it answers.

    Raises ProjectArchived, ReasonMissing, InstructionCorrected when there is a later version already, and
    InstructionAlreadyThere when the project holds the same content.
    """
    before = Instruction.objects.select_for_update().get(pk=instruction_id)
    require_at_work(before.project_id)
    if not why.strip():
        raise ReasonMissing(advice="Say what was wrong; writers who have begun read it.")
    if newest_version_of(before).pk != before.pk:
        raise InstructionCorrected
    _require_new(before.project, draft)
    after = Instruction.objects.create(
        project=before.project,
        version=before.version + 1,
        domain=Domain.objects.get(path=draft.domain),
        content_sha256=draft.sha256,
        created_by=actor,
        **{name: getattr(before, name) for name in _KEPT},
        **{name: getattr(draft, name) for name in _CORRECTED},
    )
    moved = Task.objects.filter(instruction=before, state=TaskState.OPEN).update(**_asks(after))
    record(
        verb="annotation.instruction_corrected",
        actor=actor,
        target=after,
        project_id=after.project_id,
        version=after.version,
        why=why.strip(),
        tasks=moved,
    )
    _tell_writers(before, after, why.strip())
    enqueue_on_commit(
        "annotation.tasks.know_instructions",
        project_id=after.project_id,
        first=after.pk,
        last=after.pk,
    )
    enqueue_on_commit("annotation.tasks.index_instructions", first=after.pk, last=after.pk)
    return after


@transaction.atomic
def follow_correction(*, person: User, task_id: int) -> Task:
    """Let the writer go on with the newest version of the instruction; the text stays as it is."""
    task = lock_task(task_id)
    held = Assignment.objects.filter(task=task, expert=person, state=AssignmentState.LIVE)
    if not held.exists():
        raise NotYourTask
    newest = newest_version_of(task.instruction)
    if newest.pk == task.instruction_id:
        return task
    for name, value in _asks(newest).items():
        setattr(task, name, value)
    task.save(update_fields=list(_asks(newest)))
    record(
        verb="annotation.task_follows_correction",
        actor=person,
        target=task,
        project_id=task.project_id,
        version=newest.version,
    )
    return task


def _asks(instruction: Instruction) -> dict[str, Any]:
    """What a task repeats of its instruction."""
    return {
        "instruction": instruction,
        "domain": instruction.domain,
        "language": instruction.language,
        "difficulty": instruction.difficulty,
    }


def _require_new(project: Project, draft: Draft) -> None:
    there = Instruction.objects.filter(project=project, content_sha256=draft.sha256).first()
    if there is not None:
        raise InstructionAlreadyThere(
            advice="Change what is asked, or open the one that is there.",
            url=reverse("projects:instruction", args=[project.slug, there.pk]),
        )


def _tell_writers(before: Instruction, after: Instruction, why: str) -> None:
    live = Assignment.objects.filter(task__instruction=before, state=AssignmentState.LIVE)
    for assignment in live.select_related("expert"):
        notify(
            person=assignment.expert,
            kind=NotificationKind.RETURNED,
            key=f"instruction-{after.pk}-corrected-{assignment.task_id}",
            title="The instruction you are answering was corrected",
            body=f"{after.title}\n\n{why}",
            url=reverse("write:task", args=[assignment.task_id]),
        )
