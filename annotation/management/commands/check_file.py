"""`manage.py check_file FILE --json OUT`: every check over a file of pairs or chats."""

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotation.queries import current_version
from annotation.services.run_checks import neighbours_in_project
from corpus.services.check_rows import check_rows
from experts.models import Project
from lib.errors import DomainError


class Command(BaseCommand):
    requires_system_checks = []  # reads a file; whether pages are wired is no matter here
    help = (
        "Run every check over a file of pairs or chats (JSON Lines, JSON, CSV, TSV, XLSX, Parquet), "
        "duplicates within it and protected sets included. Writes one JSON line a row."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--project",
            default="",
            help="slug of the project whose format spec holds and whose texts are looked through too",
        )
        parser.add_argument(
            "--json", required=True, dest="out", help="file for the findings, - prints"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        project = self._project(options["project"])
        asked: dict[str, Any] = {}
        if project is not None:
            asked["format_spec"] = current_version(project).format_spec
            asked["known"] = neighbours_in_project(project.pk)
        try:
            with _sink(options["out"]) as out:
                summary = check_rows(path=options["file"], out=out, **asked)
        except DomainError as refused:
            raise CommandError(f"{refused.message} {refused.advice}".strip()) from refused
        self.stderr.write(
            f"{summary.rows} rows, {summary.clean} without findings, {summary.unreadable} unreadable."
        )
        for check, count in summary.by_check.most_common():
            self.stderr.write(f"  {check}: {count} rows")

    def _project(self, slug: str) -> Project | None:
        if not slug:
            return None
        project = Project.objects.filter(slug=slug).first()
        if project is None:
            raise CommandError(f"There is no project {slug!r}.")
        return project


@contextlib.contextmanager
def _sink(name: str) -> Iterator[IO[bytes]]:
    if name == "-":
        yield sys.stdout.buffer
        return
    with Path(name).open("wb") as file:
        yield file
