"""`manage.py import_protected FILE --name NAME`: keep a benchmark as hashes."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from corpus.services.import_protected import import_protected
from lib.errors import DomainError


class Command(BaseCommand):
    requires_system_checks = []  # reads a file; whether pages are wired is no matter here
    help = "Keep a benchmark as keyed hashes, so that no released record holds its items."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "file", type=Path, help="JSONL, JSON, CSV, TSV, XLSX or Parquet; gzip is fine"
        )
        parser.add_argument(
            "--name", required=True, help="the benchmark's name, as findings show it"
        )
        parser.add_argument(
            "--field",
            action="append",
            default=[],
            dest="fields",
            help="column to protect; may be given several times (default: the question)",
        )
        parser.add_argument("--id-field", default="", help="column that names the items")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            done = import_protected(
                path=options["file"],
                name=options["name"],
                fields=options["fields"],
                id_field=options["id_field"],
            )
        except DomainError as refused:
            raise CommandError(f"{refused.message} {refused.advice}".strip()) from refused
        self.stdout.write(
            f"{done.name}: {done.items} items protected ({done.texts} texts of "
            f"{', '.join(done.fields)}; {done.grams} hashes). {done.skipped} rows held no text."
        )
