"""`manage.py check_file FILE --json OUT`: every check over a file of pairs or chats."""

import contextlib
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotation.queries import current_version
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
            "--project", default="", help="slug of the project whose format spec holds"
        )
        parser.add_argument(
            "--json", required=True, dest="out", help="file for the findings, - prints"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        spec = self._spec(options["project"])
        try:
            with _sink(options["out"]) as out:
                summary = check_rows(path=options["file"], out=out, format_spec=spec)
        except DomainError as refused:
            raise CommandError(f"{refused.message} {refused.advice}".strip()) from refused
        self.stderr.write(
            f"{summary.rows} rows, {summary.clean} without findings, {summary.unreadable} unreadable."
        )
        for check, count in summary.by_check.most_common():
            self.stderr.write(f"  {check}: {count} rows")

    def _spec(self, slug: str) -> Mapping[str, Any]:
        if not slug:
            return {}
        project = Project.objects.filter(slug=slug).first()
        if project is None:
            raise CommandError(f"There is no project {slug!r}.")
        spec: Mapping[str, Any] = current_version(project).format_spec
        return spec


@contextlib.contextmanager
def _sink(name: str) -> Iterator[IO[bytes]]:
    if name == "-":
        yield sys.stdout.buffer
        return
    with Path(name).open("wb") as file:
        yield file
