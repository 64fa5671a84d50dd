"""A file through the page: uploaded, matched, rehearsed, carried out. Long work happens in a job."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import asdict, replace
from typing import Any, BinaryIO, cast

from django.core.files.uploadedfile import UploadedFile
from django.db import connection, transaction
from django.utils import timezone

from annotation.attachments import facts_of, keep
from annotation.enums import ImportState
from annotation.importing.files import Archive, Facts, Files
from annotation.importing.plan import Plan
from annotation.importing.rows import FileRefused, Refusal
from annotation.models import ImportRefusal, ImportRun
from annotation.services.import_instructions import (
    Batched,
    Counts,
    Look,
    Rehearsal,
    look_at,
    read_file,
    require_instruction,
    storing,
)
from annotation.workflow import IMPORT
from audit.services import record
from experts.models import Project, User
from experts.rules import require_at_work
from lib.jobs import enqueue_on_commit

LARGEST_UPLOAD = 4 << 30
LARGEST_FILES = 2 << 30
MOST_REFUSALS = 100_000  # kept for the download; the count goes on
_LOCK = 0x1F1A  # the first half of an advisory lock's name; the second is the run


def upload_file(
    *,
    project: Project,
    upload: "UploadedFile[Any] | None",
    actor: User,
    files: "UploadedFile[Any] | None" = None,
) -> ImportRun:
    """Keep a file as it was sent, and the ZIP with the `files` that its rows name; no row is read yet."""
    if upload is None:
        raise FileRefused("No file was chosen.", advice="Choose one and upload it again.")
    with _refusals_on_record(project, actor, _name_of(upload), upload.size):
        return _upload(project=project, upload=upload, actor=actor, files=files)


@contextmanager
def _refusals_on_record(
    project: Project, actor: User, name: str, size: int | None
) -> Iterator[None]:
    """What happens to a file that is refused is undone; that it was sent and refused stays on record, whether
    by a page or by a program."""
    try:
        yield
    except FileRefused as refused:
        record(
            verb="annotation.import_refused",
            actor=actor,
            target=project,
            project_id=project.pk,
            file=name,
            bytes=size or 0,
            reason=refused.message,
        )
        raise


def _name_of(upload: "UploadedFile[Any]") -> str:
    return (upload.name or "file").replace("\x00", "")[-200:]


@transaction.atomic
def _upload(
    *,
    project: Project,
    upload: "UploadedFile[Any]",
    actor: User,
    files: "UploadedFile[Any] | None",
) -> ImportRun:
    require_at_work(project.pk)
    if not upload.size:
        raise FileRefused(
            "This file is empty.", advice="Choose the file again; perhaps its export failed."
        )
    if upload.size > LARGEST_UPLOAD:
        raise FileRefused("This file is larger than 4 GB.", advice="Split it, or pack it as .gz.")
    name = _name_of(upload)
    run = ImportRun(project=project, name=name, size=upload.size, created_by=actor)
    if files is not None:
        _require_zip(files)
        run.files.save("files.zip", files, save=False)
    run.file.save(name, upload, save=False)
    run.save()
    record(
        verb="annotation.import_uploaded",
        actor=actor,
        target=run,
        project_id=project.pk,
        file=name,
        bytes=upload.size,
    )
    return run


def _require_zip(files: "UploadedFile[Any]") -> None:
    """Raise FileRefused for what is no ZIP, damaged, or made to fill the disk."""
    if (files.size or 0) > LARGEST_FILES:
        raise FileRefused(
            "The ZIP is larger than 2 GB.", advice="Import the rows in several parts."
        )
    Archive(cast(BinaryIO, files.file))
    files.seek(0)


def send_file(
    *,
    project: Project,
    upload: "UploadedFile[Any]",
    plan: Plan,
    actor: User,
    files: "UploadedFile[Any] | None" = None,
) -> ImportRun:
    """Keep a file (with the ZIP of `files` that its rows name) and start its dry run in one step, for
    programs; a refused file leaves nothing behind but the event that says so."""
    run = None
    with _refusals_on_record(project, actor, _name_of(upload), upload.size):
        try:
            with transaction.atomic():
                run = _upload(project=project, upload=upload, files=files, actor=actor)
                return _check(run_id=run.pk, plan=plan, actor=actor)
        except FileRefused:
            if run is not None:
                _discard(run)
            raise


def _discard(run: ImportRun) -> None:
    """Take what was stored for a run that never came to be out of the storage again."""
    for stored in (run.file, run.files):
        if stored:
            stored.delete(save=False)


def refusals_of(run: ImportRun) -> Iterator[Refusal]:
    """The rows of the newest run of this file that were not taken, a few at a time."""
    for row in run.refusals.iterator(chunk_size=2000):
        yield Refusal(row.line, row.field, row.reason, row.value)


def look_at_run(run: ImportRun, plan: Plan | None = None) -> Look:
    """What the file seems to hold; raises FileRefused or EncodingUnknown."""
    with cast(BinaryIO, run.file.open("rb")) as raw:
        return look_at(
            raw=raw, name=run.name, project=run.project, plan=plan or Plan.from_json(run.plan)
        )


@transaction.atomic
def choose_encoding(*, run_id: int, encoding: str) -> ImportRun:
    """Keep what a person decided about the letters of a file; raises FileRefused when it cannot be so."""
    run = _locked(run_id)
    plan = replace(Plan.from_json(run.plan), encoding=encoding)
    look_at_run(run, plan)
    run.plan = plan.as_json()
    run.save(update_fields=["plan"])
    return run


def check_import(*, run_id: int, plan: Plan, actor: User) -> ImportRun:
    """Fix how the file is read, and start the dry run."""
    sent = ImportRun.objects.select_related("project").get(pk=run_id)
    with _refusals_on_record(sent.project, actor, sent.name, sent.size):
        return _check(run_id=run_id, plan=plan, actor=actor)


@transaction.atomic
def _check(*, run_id: int, plan: Plan, actor: User) -> ImportRun:
    run = _locked(run_id)
    require_at_work(run.project_id)
    # What an earlier dry run met far below can be chosen, and is not judged again.
    look = look_at_run(run, replace(plan, late=Plan.from_json(run.plan).late))
    require_instruction(look)
    run.plan = look.plan.as_json()
    _move(run, "check", actor)
    _begin_again(run)
    enqueue_on_commit("annotation.tasks.rehearse_import", run_id=run.pk)
    return run


@transaction.atomic
def start_import(*, run_id: int, actor: User) -> ImportRun:
    """Start the real thing, after a dry run. One that has started ends, also when its project is archived."""
    run = _locked(run_id)
    require_at_work(run.project_id)
    _move(run, "start", actor)
    _begin_again(run)
    enqueue_on_commit("annotation.tasks.carry_out_import", run_id=run.pk)
    return run


@transaction.atomic
def match_again(*, run_id: int, actor: User) -> ImportRun:
    """Go back to the columns."""
    run = _locked(run_id)
    _move(run, "match_again", actor)
    run.problem = ""
    run.save(update_fields=["problem"])
    return run


def rehearse_import(*, run_id: int) -> None:
    """The job of the dry run. A second one for the same file, and one that is late, do nothing."""
    with _alone(run_id) as run:
        if run is not None and run.state == ImportState.CHECKING:
            _begin_again(run)
            _work(run, Rehearsal(run.project), "checked", Counts(), facts_of)


def carry_out_import(*, run_id: int) -> None:
    """The job of the import. Counts and rows are committed together, so it goes on where it was."""
    with _alone(run_id) as run:
        if run is not None and run.state == ImportState.RUNNING:
            store = storing(project=run.project, actor=run.created_by, run=run.pk, file=run.name)
            _work(run, nullcontext(store), "finish", _counts(run), keep)


def _work(
    run: ImportRun,
    storage: AbstractContextManager[Batched],
    verb: str,
    done: Counts,
    take: Callable[[bytes], Facts],
) -> None:
    kept = run.refusals.count()

    def refuse(refusal: Refusal) -> None:
        nonlocal kept
        if kept < MOST_REFUSALS:
            kept += 1
            ImportRefusal.objects.create(run=run, **refusal.as_dict())

    def progress(counts: Counts) -> None:
        ImportRun.objects.filter(pk=run.pk).update(**asdict(counts))

    def learn(plan: Plan) -> None:
        ImportRun.objects.filter(pk=run.pk).update(plan=plan.as_json())

    try:
        with (
            storage as store,
            cast(BinaryIO, run.file.open("rb")) as raw,
            _files_of(run, take) as files,
        ):
            read_file(
                raw=raw, name=run.name, size=run.size, plan=Plan.from_json(run.plan),
                store=store, refuse=refuse, progress=progress, learn=learn, done=done, files=files,
            )  # fmt: skip
    except FileRefused as refusal:
        _end(run, "fail", f"{refusal.message} {refusal.advice}".strip())
    else:
        _end(run, verb)


@contextmanager
def _files_of(run: ImportRun, take: Callable[[bytes], Facts]) -> Iterator[Files | None]:
    """The files that came with the rows."""
    if not run.files:
        yield None
        return
    with cast(BinaryIO, run.files.open("rb")) as raw:
        yield Files(Archive(raw), take)


@contextmanager
def _alone(run_id: int) -> Iterator[ImportRun | None]:
    """The run, when no other job works on it; the lock goes with the connection, also when a job is killed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [_LOCK, run_id])
        mine = cursor.fetchone()[0]
    if not mine:
        yield None
        return
    try:
        yield ImportRun.objects.select_related("project", "created_by").filter(pk=run_id).first()
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [_LOCK, run_id])


def _locked(run_id: int) -> ImportRun:
    return (
        ImportRun.objects.select_for_update(of=("self",)).select_related("project").get(pk=run_id)
    )


def _move(run: ImportRun, verb: str, actor: User | None, **facts: Any) -> None:
    move = IMPORT.check(run.state, verb)
    run.state, run.state_since = move.target, timezone.now()
    run.save(update_fields=["state", "state_since", "plan"])
    record(
        verb=f"annotation.import_{verb}",
        actor=actor,
        target=run,
        project_id=run.project_id,
        file=run.name,
        **facts,
    )


def _begin_again(run: ImportRun) -> None:
    run.refusals.all().delete()
    for name, value in asdict(Counts()).items():
        setattr(run, name, value)
    run.problem = ""
    run.save(update_fields=[*asdict(Counts()), "problem"])


def _counts(run: ImportRun) -> Counts:
    return Counts(**{name: getattr(run, name) for name in asdict(Counts())})


@transaction.atomic
def _end(run: ImportRun, verb: str, problem: str = "") -> None:
    run = _locked(run.pk)
    run.problem = problem
    run.save(update_fields=["problem"])
    _move(run, verb, None, added=run.added, present=run.present, refused=run.refused)
