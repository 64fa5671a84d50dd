"""Make our texts known to the corpus, and keep what it says about them."""

from collections.abc import Iterator

from django.db import models
from django.db.models.functions import Cast, Concat

from annotation.known import (
    INSTRUCTION,
    question_of,
    ref_of_instruction,
    ref_of_task,
    response_of,
    scope_of,
)
from annotation.models import Instruction, Revision
from annotation.queries import current_version
from annotation.services.run_checks import instruction_subject, subject_of
from checks.registry import by_id
from checks.runner import run
from checks.types import Subject
from corpus.enums import Kind
from corpus.models import Fingerprint
from corpus.services.add_fingerprints import Entry, add_fingerprints
from corpus.services.remember import remember_hits, remember_pairs

_LOOK_UPS = ("duplicate", "near_duplicate", "copied_block")
_BATCH = 500


def know_response(*, revision: Revision) -> None:
    """The task's response is this revision's from now on."""
    text = response_of(revision.target)
    scope = scope_of(revision.task.project_id)
    add_fingerprints(entries=[Entry(Kind.RESPONSE, ref_of_task(revision.task_id), scope, text)])


def look_at_revision(*, revision: Revision) -> None:
    """Keep the likenesses and protected items of a submitted response for the project's leads.

    Runs after the submission is committed, so that of two like texts handed in at the same moment
    the later look sees the other.
    """
    task = revision.task
    subject = subject_of(
        instruction=task.instruction,
        target=revision.target,
        format_spec=revision.project_version.format_spec,
        task=task,
    )
    _keep(subject, Kind.RESPONSE, ref_of_task(task.pk), scope_of(task.project_id))


def look_at_instruction(*, instruction: Instruction) -> None:
    """The same for an imported instruction."""
    spec = current_version(instruction.project).format_spec
    subject = instruction_subject(instruction=instruction, format_spec=spec)
    ref = ref_of_instruction(instruction.pk)
    _keep(subject, Kind.INSTRUCTION, ref, scope_of(instruction.project_id))


def _keep(subject: Subject, kind: Kind, ref: str, scope: str) -> None:
    findings = run(subject, [by_id(check) for check in _LOOK_UPS])
    remember_pairs(kind=kind, scope=scope, ref=ref, findings=findings)
    texts = [text for _, text in subject.texts()]
    remember_hits(scope=scope, ref=ref, texts=texts, hits=subject.protected)


def unknown_instructions(project_id: int) -> models.QuerySet[Instruction]:
    """Instructions of a project that the corpus does not know yet, oldest first."""
    ref = Concat(models.Value(f"{INSTRUCTION}:"), Cast(models.OuterRef("pk"), models.CharField()))
    known = Fingerprint.objects.filter(kind=Kind.INSTRUCTION, ref=ref)
    return (
        Instruction.objects.filter(project=project_id)
        .exclude(models.Exists(known))
        .select_related("project")
        .order_by("pk")
    )


def know_instructions(*, project_id: int) -> int:
    """Make the next batch of unknown instructions known, then look at each. Returns how many."""
    batch = list(unknown_instructions(project_id)[:_BATCH])
    add_fingerprints(entries=_entries(batch))
    for instruction in batch:
        look_at_instruction(instruction=instruction)
    return len(batch)


def _entries(batch: list[Instruction]) -> Iterator[Entry]:
    for instruction in batch:
        text = question_of(instruction.messages, instruction.evidence)
        ref, scope = ref_of_instruction(instruction.pk), scope_of(instruction.project_id)
        yield Entry(Kind.INSTRUCTION, ref, scope, text)
