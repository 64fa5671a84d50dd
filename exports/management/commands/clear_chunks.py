"""Remove the rests of builds that no release refers to."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from exports.services.clear_chunks import SAFE_AGE, clear_chunks, what_could_go
from lib.errors import DomainError


class Command(BaseCommand):
    """Nothing that a release of any state refers to goes; the clock does the same every night."""

    help = (
        "Remove stored pieces of releases that no release refers to, in whatever state it is. "
        "The clock does the same every night; nothing goes while a build is at work."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Arguments of the command line."""
        parser.add_argument(
            "--dry-run", action="store_true", help="say what would go, remove nothing"
        )
        parser.add_argument(
            "--days",
            type=int,
            default=SAFE_AGE.days,
            help=f"how old a piece must be to go, at least 1 (default: {SAFE_AGE.days})",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it, or say what would be done; a refusal is one sentence and exit code 1."""
        if options["days"] < 1:
            raise CommandError(
                "--days must be at least 1: a piece that is new may be about to be named."
            )
        age = timedelta(days=options["days"])
        try:
            found = (what_could_go if options["dry_run"] else clear_chunks)(older_than=age)
        except DomainError as error:
            raise CommandError(f"{error.message} {error.advice}".strip()) from error
        verb = "would go" if options["dry_run"] else "removed"
        self.stdout.write(
            f"{found.chunks:,} pieces ({found.bytes:,} bytes) and {found.shards:,} unused shards {verb}."
        )
