"""Put a backup back: database, files and keys."""

import fcntl
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError, call_command

from config import backup
from lib.embedded import ServiceError
from lib.errors import DomainError


class Command(BaseCommand):
    """Checks every byte first; refuses a database that is not empty unless told to replace it."""

    help = (
        "Put a backup back: database, files and keys. "
        "Checks every byte first; refuses a database that is not empty unless told to replace it."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", metavar="DIR", type=Path)
        parser.add_argument("--replace", action="store_true", help="delete what is there first")

    def handle(self, **options: Any) -> None:
        with (settings.VAR_DIR / "up.lock").open("a", encoding="ascii") as running:
            try:
                fcntl.flock(running, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                msg = "Firsthand runs from this folder. Stop it first, then restore."
                raise CommandError(msg) from None
            try:
                manifest = backup.restore(options["folder"], replace=options["replace"])
            except DomainError as problem:
                raise CommandError(f"{problem} {problem.advice}".strip()) from None
            except ServiceError as problem:
                raise CommandError(str(problem)) from None
        call_command("migrate", interactive=False, verbosity=0)  # an older backup, a newer program
        self.stdout.write(
            f"Restored what was backed up at {manifest['made_at']}: {len(manifest['files'])} files."
        )
