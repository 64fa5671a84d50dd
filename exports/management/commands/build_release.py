"""Build the next release of a dataset and publish it, or rebuild a published one."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from exports import queries
from exports.enums import Bump
from exports.models import Release
from exports.services.build import build_here
from exports.services.cut import cut_release
from exports.services.deliver import rebuild_directory, write_directory
from exports.services.publish import publish_release
from lib.errors import DomainError


class Command(BaseCommand):
    """`build_release DATASET --bump {major,minor,patch} [--out DIR] [--draft]`."""

    help = (
        "Build the next release of a dataset and publish it, or rebuild a published one. "
        "Needs the step (--bump) or the version to rebuild (--version)."
    )

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """`--version` names a release here, where Django would print its own."""
        return super().create_parser(prog_name, subcommand, conflict_handler="resolve", **kwargs)

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Arguments of the command line."""
        parser.add_argument("dataset")
        step = parser.add_mutually_exclusive_group(required=True)
        step.add_argument("--bump", choices=Bump.values, help="how much the version moves")
        step.add_argument(
            "--version", dest="rebuild", metavar="X.Y.Z", help="rebuild this published one"
        )
        parser.add_argument(
            "--out", type=Path, metavar="DIR", help="write the files to this directory"
        )
        parser.add_argument("--draft", action="store_true", help="build, but do not publish")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it; a refusal becomes one plain sentence and exit code 1."""
        try:
            self._rebuild(options) if options["rebuild"] else self._build(options)
        except DomainError as error:
            raise CommandError(f"{error.message} {error.advice}".strip()) from error

    def _build(self, options: dict[str, Any]) -> None:
        dataset = queries.dataset_named(options["dataset"])
        release = cut_release(dataset=dataset, bump=options["bump"], person=None)
        release = build_here(release=release, report=self._report)
        if not options["draft"]:
            release = publish_release(release=release, person=None)
        self._tell(release, "Built" if options["draft"] else "Published")
        if options["out"]:
            self.stdout.write(str(write_directory(release=release, target=options["out"])))

    def _rebuild(self, options: dict[str, Any]) -> None:
        if not options["out"]:
            raise CommandError("Name the directory to rebuild into: --out DIR")
        dataset = queries.dataset_named(options["dataset"])
        release = queries.release_of(dataset, options["rebuild"])
        target = rebuild_directory(release=release, target=options["out"])
        self._tell(release, "Rebuilt")
        self.stdout.write(str(target))

    def _report(self, done: int, total: int) -> None:
        if self.stderr.isatty():
            self.stderr.write(f"\rShard {done} of {total}", ending="\n" if done == total else "")

    def _tell(self, release: Release, verb: str) -> None:
        told = release.snapshot
        splits = ", ".join(f"{split} {number:,}" for split, number in told["splits"].items())
        self.stdout.write(f"{verb} {release}: {told['records']:,} records ({splits})")
