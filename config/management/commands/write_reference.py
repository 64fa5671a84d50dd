"""Write the reference pages that are made from the code."""

from typing import Any

from django.conf import settings
from django.core.management import BaseCommand

from config import reference


class Command(BaseCommand):
    """States, checks, formats, stages, commands: under docs/reference/."""

    help = (
        "Write the reference pages that are made from the code. "
        "States, checks, formats, stages, commands: under docs/reference/."
    )

    def handle(self, **options: Any) -> None:
        changed = reference.write(settings.BASE_DIR)
        for path in changed:
            self.stdout.write(f"Wrote {path.relative_to(settings.BASE_DIR)}")
        if not changed:
            self.stdout.write("Every page is as it should be.")
