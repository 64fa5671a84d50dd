"""`load_demo`: a project with real work in every state, and the accounts to look at it with."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from config.demo.load import load_demo
from config.demo.people import PARTS, PASSWORD


class Command(BaseCommand):
    """Safe to repeat: what is there stays as it is."""

    help = "Fill the demo project. Refuses where DEBUG is off, unless DEMO=1 is set."

    def handle(self, *args: Any, **options: Any) -> None:
        if not (settings.DEBUG or getattr(settings, "DEMO", False)):
            raise CommandError(
                "The demo has accounts with a public password, so it is not loaded where DEBUG is off. "
                "Set DEMO=1 if this installation is really meant to hold it."
            )
        new = load_demo()
        self.stdout.write(
            f"Demo project: {new['instructions']} instructions and {new['responses']} responses added."
        )
        if options["verbosity"] > 1:
            for part in PARTS:
                if part.signs_in:
                    self.stdout.write(f"  {part.email} / {PASSWORD}")
