"""`import_instructions FILE --project SLUG [--dry-run] [--map FIELD=COLUMN] [--attachments FOLDER]
[--errors FILE]`."""

import csv
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Self

import orjson
from django.core.management.base import BaseCommand, CommandError

from annotation.attachments import facts_of, keep
from annotation.importing.files import Archive, Files, Folder
from annotation.importing.late import late_and_unused, late_and_used, late_answers
from annotation.importing.plan import Plan, aliases_named, pairs_named
from annotation.importing.refusals import COLUMNS, as_cells
from annotation.importing.rows import Refusal
from annotation.services.import_instructions import (
    Counts,
    Look,
    Rehearsal,
    look_at,
    read_file,
    require_instruction,
    storing,
)
from checks.catalog.tool_names import RULE
from experts.models import Project
from experts.rules import require_at_work
from lib.errors import DomainError

SHOWN = 10
NO_RELEASE = "tools whose names no release takes, so that responses with them stay out of it:"


class Command(BaseCommand):
    """Repeatable: the same file again adds nothing."""

    help = "Import instructions from a JSONL, JSON, CSV, TSV, XLSX or Parquet file (also .gz)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--project", required=True, metavar="SLUG")
        parser.add_argument(
            "--attachments",
            type=Path,
            metavar="FOLDER",
            help="where the images and PDFs are that rows name by their path, or a ZIP of them",
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="count and refuse, write nothing"
        )
        parser.add_argument(
            "--map",
            action="append",
            default=[],
            metavar="FIELD=COLUMN",
            help="which column holds a field, e.g. instruction=Question or evidence=metadata.text",
        )
        parser.add_argument(
            "--set",
            action="append",
            default=[],
            metavar="FIELD=VALUE",
            help="a value for rows that have none, e.g. domain=law.contract or language=de",
        )
        parser.add_argument(
            "--alias",
            action="append",
            default=[],
            metavar="WORD=DOMAIN",
            help="what a word of the domain column means, e.g. 'Healthcare=medicine'",
        )
        parser.add_argument(
            "--encoding", default="", help="of a text that is not UTF-8, e.g. cp1252"
        )
        parser.add_argument("--sheet", default="", help="of a workbook; the first one unless named")
        parser.add_argument(
            "--errors", type=Path, help="where to list refused rows (.csv or .jsonl)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            counts = self._import(options)
        except DomainError as refusal:
            raise CommandError(f"{refusal.message} {refusal.advice}".strip()) from refusal
        except OSError as problem:
            raise CommandError(
                f"{problem.filename or options['file']}: {problem.strerror}."
            ) from problem
        self._report(counts, options)

    def _import(self, options: dict[str, Any]) -> Counts:
        project = _project(options["project"])
        require_at_work(project.pk)
        path: Path = options["file"]
        with path.open("rb") as raw:
            look = look_at(raw=raw, name=path.name, project=project, plan=_plan(options))
            require_instruction(look)
            self._say_what_is_what(look)
        with ExitStack() as stack:
            raw = stack.enter_context(path.open("rb"))
            self.plan = look.plan
            store = (
                stack.enter_context(Rehearsal(project))
                if options["dry_run"]
                else storing(project=project, actor=None, file=path.name)
            )
            return read_file(
                raw=raw,
                name=path.name,
                size=path.stat().st_size,
                plan=look.plan,
                store=store,
                refuse=stack.enter_context(_Refusals(options["errors"], self)),
                progress=self._progress,
                learn=self._learn,
                files=stack.enter_context(_named_files(options)),
            )

    def _say_what_is_what(self, look: Look) -> None:
        for name, column in look.plan.columns.items():
            self.stdout.write(f"  {name:<18} ← {column}")
        for name, value in look.plan.constants.items():
            self.stdout.write(f"  {name:<18} = {value}, where a row has none")
        if look.guess.unused:
            self.stdout.write(f"  not used: {', '.join(look.guess.unused)}")
        if look.guess.answers:
            self.stdout.write(
                f"  not imported, because responses are written here: {', '.join(look.guess.answers)}"
            )

    def _progress(self, counts: Counts) -> None:
        if counts.read and counts.read % 100_000 == 0:
            self.stdout.write(f"  {counts.read:,} rows read …")
            self.stdout.flush()

    def _learn(self, plan: Plan) -> None:
        self.plan = plan

    def _say_what_came_late(self) -> None:
        for name, column in late_and_used(self.plan).items():
            self.stdout.write(f"  {name:<18} ← {column}, which first appears further below")
        if unused := late_and_unused(self.plan):
            self.stdout.write(f"  not used: {', '.join(unused)}; they first appear further below")
        if answers := late_answers(self.plan):
            self.stdout.write(
                f"  not imported, because responses are written here: {', '.join(answers)}"
            )

    def _report(self, counts: Counts, options: dict[str, Any]) -> None:
        self._say_what_came_late()
        would = "would be " if options["dry_run"] else ""
        self.stdout.write(f"rows read: {counts.read}")
        if counts.answers:
            self.stdout.write(f"answers passed over: {counts.answers}")
        self.stdout.write(f"{would}added: {counts.added}")
        self.stdout.write(f"already there: {counts.present}")
        self.stdout.write(f"refused: {counts.refused}")
        if counts.misnamed:
            self.stdout.write(
                f"{NO_RELEASE} {', '.join(map(repr, counts.misnamed[:SHOWN]))}. {RULE}"
            )
        if counts.refused and options["errors"]:
            self.stdout.write(f"Refused rows with line, field and reason: {options['errors']}")
        elif counts.refused:
            self.stdout.write("Add --errors FILE to have all refused rows listed.")


class _Refusals:
    """Prints the first refusals and writes all of them where they were asked for."""

    def __init__(self, path: Path | None, command: BaseCommand) -> None:
        self.path, self.command, self.count = path, command, 0

    def __enter__(self) -> Self:
        self.file = self.path.open("w", encoding="utf-8", newline="") if self.path else None
        self.table = (
            csv.writer(self.file)
            if self.file and self.path and self.path.suffix == ".csv"
            else None
        )
        if self.table:
            self.table.writerow(COLUMNS)
        return self

    def __exit__(self, *problem: object) -> None:
        if self.file:
            self.file.close()

    def __call__(self, refusal: Refusal) -> None:
        self.count += 1
        if self.count <= SHOWN:
            place = f"line {refusal.line}" + (f", {refusal.field}" if refusal.field else "")
            self.command.stderr.write(f"  refused {place}: {refusal.reason}")
        if self.table:
            self.table.writerow(as_cells(refusal))
        elif self.file:
            self.file.write(orjson.dumps(refusal.as_dict()).decode() + "\n")


@contextmanager
def _named_files(options: dict[str, Any]) -> Iterator[Files | None]:
    """Where the files are that rows name; a dry run only looks at them."""
    place: Path | None = options["attachments"]
    take = facts_of if options["dry_run"] else keep
    if place is None:
        yield None
    elif place.is_file():
        with place.open("rb") as raw:
            yield Files(Archive(raw), take)
    else:
        yield Files(Folder(place), take)


def _project(slug: str) -> Project:
    project = Project.objects.filter(slug=slug).first()
    if project is None:
        known = ", ".join(Project.objects.values_list("slug", flat=True)[:20]) or "none yet"
        raise CommandError(f"There is no project “{slug}”. Projects: {known}.")
    if not project.versions.exists():
        raise CommandError(
            f"The project “{slug}” has no guideline yet. Set it up on its page first."
        )
    return project


def _plan(options: dict[str, Any]) -> Plan:
    return Plan(
        columns=pairs_named(options["map"], "--map"),
        constants=pairs_named(options["set"], "--set"),
        aliases=aliases_named(options["alias"], "--alias"),
        encoding=options["encoding"],
        sheet=options["sheet"],
    )
