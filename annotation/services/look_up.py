"""Make our texts known to the corpus, and keep what it says about them."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from django.db import models, transaction
from django.db.models import F
from django.db.models.functions import Cast, Concat
from django.utils import timezone

from annotation.known import (
    INSTRUCTION,
    TASK,
    number_in,
    question_of,
    ref_of_instruction,
    ref_of_task,
    response_of,
    scope_of,
    scopes_compared,
)
from annotation.models import Instruction, Revision, Task
from annotation.services.run_checks import (
    bare_subject,
    looked_up,
    neighbours_of_instruction,
    subject_of,
)
from checks.registry import by_id
from checks.runner import run
from checks.types import ProtectedHit, Subject
from corpus.enums import Kind
from corpus.errors import KeyChanged, KeyMissing
from corpus.models import Fingerprint, Look
from corpus.queries import protected_hits_of
from corpus.services.add_fingerprints import Entry, add_fingerprints, mark_released
from corpus.services.import_protected import look_of
from corpus.services.remember import remember_hits, remember_pairs
from experts.models import Project

_LOOK_UPS = ("duplicate", "near_duplicate", "copied_block")
_BATCH = 200
_QUIET = timedelta(minutes=30)


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


def _keep(subject: Subject, kind: Kind, ref: str, scope: str, origin: str = "") -> None:
    findings = run(subject, [by_id(check) for check in _LOOK_UPS])
    remember_pairs(kind=kind, scope=scope, ref=ref, findings=findings, origin=origin)
    texts = [text for _, text in subject.texts()]
    remember_hits(scope=scope, ref=ref, texts=texts, hits=subject.protected, origin=origin)


def mark_as_released(*, revisions: Sequence[int]) -> None:
    """From now on these responses and their instructions are held against the texts of every project."""
    rows = Revision.objects.filter(pk__in=revisions).values_list("task_id", "task__instruction_id")
    pairs = list(rows)
    mark_released(kind=Kind.RESPONSE, refs=[ref_of_task(task) for task, _ in pairs])
    asked = sorted({instruction for _, instruction in pairs})
    mark_released(kind=Kind.INSTRUCTION, refs=[ref_of_instruction(pk) for pk in asked])


# ---- what is imported ----


def unknown_instructions(
    project_id: int, first: int = 0, last: int | None = None
) -> models.QuerySet[Instruction]:
    """Instructions of a project, between two keys, that the corpus does not know yet, oldest first."""
    ref = Concat(models.Value(f"{INSTRUCTION}:"), Cast(models.OuterRef("pk"), models.CharField()))
    known = Fingerprint.objects.filter(kind=Kind.INSTRUCTION, ref=ref)
    found = Instruction.objects.filter(project=project_id, pk__gte=first)
    if last is not None:
        found = found.filter(pk__lte=last)
    return found.exclude(models.Exists(known)).select_related("project").order_by("pk")


def know_instructions(
    *, project_id: int, first: int = 0, last: int | None = None, origin: str = ""
) -> int:
    """Make the next unknown instructions known, then look at each. Returns up to which key, 0 at the end.

    All are known before one is looked at: of two like ones that two jobs read at the same moment, the
    later look sees the other. `origin` is the import they came with, whose progress is counted.
    """
    batch = list(unknown_instructions(project_id, first, last)[:_BATCH])
    if not batch:
        return 0
    subjects = [bare_subject(instruction=instruction) for instruction in batch]
    add_fingerprints(entries=_entries(batch))
    protected = _protected(subjects)
    scopes = scopes_compared(project_id)
    for instruction, bare, hits in zip(batch, subjects, protected, strict=True):
        near = neighbours_of_instruction(instruction, bare, scopes)
        if near or hits:
            subject = looked_up(bare, neighbours=near, protected=hits)
            ref = ref_of_instruction(instruction.pk)
            _keep(subject, Kind.INSTRUCTION, ref, scope_of(project_id), origin)
    _count(origin, len(batch))
    return batch[-1].pk


def _protected(
    subjects: Sequence[Subject], sets: Sequence[int] | None = None
) -> list[list[ProtectedHit]]:
    try:
        return protected_hits_of([list(subject.texts()) for subject in subjects], sets=sets)
    except (KeyMissing, KeyChanged):  # said by the doctor and by the import of protected sets
        return [[] for _ in subjects]


def _entries(batch: Sequence[Instruction]) -> Iterator[Entry]:
    for instruction in batch:
        text = question_of(instruction.messages, instruction.evidence)
        ref, scope = ref_of_instruction(instruction.pk), scope_of(instruction.project_id)
        yield Entry(Kind.INSTRUCTION, ref, scope, text)


def expect_look(*, origin: str, count: int) -> None:
    """So many texts of this import wait to be looked at."""
    if not origin:
        return
    Look.objects.bulk_create([Look(origin=origin)], ignore_conflicts=True)
    Look.objects.filter(origin=origin).update(total=F("total") + count, finished_at=None)


def _count(origin: str, count: int) -> None:
    now = timezone.now()
    found = Look.objects.filter(origin=origin) if origin else Look.objects.none()
    found.update(done=F("done") + count, moved_at=now)
    found.filter(done__gte=F("total")).update(finished_at=now)


# ---- a protected set that came after the texts ----


@transaction.atomic
def look_again(*, set_id: int) -> bool:
    """Hold the next texts against a protected set; returns whether there are more. A repeated job goes on
    where it was: instructions in the order of their keys, then responses."""
    look = Look.objects.select_for_update().filter(origin=look_of(set_id)).first()
    if look is None or look.finished_at is not None:
        return False
    if not look.reached:
        look.total = Instruction.objects.count() + _answered().count()
    found = _next(look.reached)
    for (ref, scope, subject), hits in zip(
        found, _protected([subject for _, _, subject in found], [set_id]), strict=True
    ):
        if hits:
            texts = [text for _, text in subject.texts()]
            remember_hits(scope=scope, ref=ref, texts=texts, hits=hits)
    look.done += len(found)
    look.reached = found[-1][0] if found else look.reached
    look.moved_at = timezone.now()
    if not found:
        look.total, look.finished_at = look.done, look.moved_at
    look.save()
    return bool(found)


def _next(reached: str) -> list[tuple[str, str, Subject]]:
    """The next texts after a reference: (reference, scope, subject)."""
    found: list[tuple[str, str, Subject]] = []
    if not reached.startswith(TASK):
        after = number_in(reached) if reached else 0
        for instruction in Instruction.objects.filter(pk__gt=after).order_by("pk")[:_BATCH]:
            ref, scope = ref_of_instruction(instruction.pk), scope_of(instruction.project_id)
            found.append((ref, scope, bare_subject(instruction=instruction)))
    if not found:
        after = number_in(reached) if reached.startswith(TASK) else 0
        rows = _answered().filter(pk__gt=after).select_related("instruction", "current_revision")
        found = [
            (ref_of_task(task.pk), scope_of(task.project_id), _subject_of_task(task))
            for task in rows.order_by("pk")[:_BATCH]
        ]
    return found


def _answered() -> models.QuerySet[Task]:
    return Task.objects.filter(current_revision__isnull=False)


def _subject_of_task(task: Task) -> Subject:
    revision = task.current_revision
    return bare_subject(instruction=task.instruction, target=revision.target if revision else None)


# ---- lost jobs ----


def left_looks() -> list[int]:
    """Protected sets whose look has not moved for a while."""
    quiet = timezone.now() - _QUIET
    looks = Look.objects.filter(origin__startswith=look_of(0)[:-1], finished_at=None)
    return [number_in(look.origin) for look in looks.filter(moved_at__lt=quiet)]


def projects_with_unknown_instructions() -> list[int]:
    """Projects with instructions that were added a while ago and are not known."""
    quiet = timezone.now() - _QUIET
    return [
        project.pk
        for project in Project.objects.order_by("pk")
        if unknown_instructions(project.pk).filter(created_at__lt=quiet).exists()
    ]
