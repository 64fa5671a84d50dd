"""Write everything this installation holds into one folder."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandError

from config.backup import back_up
from lib.embedded import ServiceError
from lib.errors import DomainError


class Command(BaseCommand):
    """Database, files and keys; `restore DIR` puts them back."""

    help = (
        "Write everything this installation holds into one folder. "
        "Database, files and keys; `restore DIR` puts them back."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", metavar="DIR", type=Path)

    def handle(self, **options: Any) -> None:
        folder: Path = options["folder"]
        try:
            manifest = back_up(folder)
        except DomainError as problem:
            raise CommandError(f"{problem} {problem.advice}".strip()) from None
        except ServiceError as problem:
            raise CommandError(str(problem)) from None
        size = sum(entry["bytes"] for entry in manifest["files"])
        self.stdout.write(f"{len(manifest['files'])} files, {size:,} bytes written to {folder}.")
        if (folder / "secrets").exists():
            self.stdout.write(
                "It holds the keys of this installation: keep it where only you can read it."
            )
        else:
            self.stdout.write("Keys are not in it: keep those of your environment with equal care.")
