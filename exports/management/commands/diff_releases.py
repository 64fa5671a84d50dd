"""Tell what differs between two versions of a dataset."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from exports import diffs, lines, queries, versions
from lib.errors import DomainError


class Command(BaseCommand):
    """`diff_releases DATASET OLD NEW [--json]`: no text of any record is shown."""

    help = (
        "Tell what differs between two versions of a dataset: counts, then one line a changed record. "
        "No text of any record is shown."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Arguments of the command line."""
        parser.add_argument("dataset")
        parser.add_argument("old", metavar="OLD")
        parser.add_argument("new", metavar="NEW")
        parser.add_argument("--json", action="store_true", help="one JSON object a changed record")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print counts and one line a changed record."""
        try:
            dataset = queries.dataset_named(options["dataset"])
            old = queries.release_of(dataset, options["old"])
            new = queries.release_of(dataset, options["new"])
        except DomainError as error:
            raise CommandError(f"{error.message} {error.advice}".strip()) from error
        if options["json"]:
            for entry in diffs.entries(old, new):
                self.stdout.write(lines.compact(entry))
            return
        changes = diffs.total(diffs.by_domain(old, new))
        self.stdout.write(f"{old} to {new}: {versions.why(changes)}")
        self.stdout.write(f"This is a {versions.least_bump(changes)} change.")
        for entry in diffs.entries(old, new):
            self.stdout.write(self._line(entry))

    @staticmethod
    def _line(entry: dict[str, Any]) -> str:
        parts = [f"{entry['change']:<9} {entry['record_id']}"]
        if "from" in entry and "to" in entry:
            parts.append(f"revision {entry['from']['revision']} to {entry['to']['revision']}")
            if entry["from"]["split"] != entry["to"]["split"]:
                parts.append(f"{entry['from']['split']} to {entry['to']['split']}")
        if entry.get("reason"):
            parts.append(entry["reason"])
        if entry.get("fields"):
            parts.append(", ".join(entry["fields"]))
        return "  ".join(parts)
