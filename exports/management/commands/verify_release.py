"""Check that a release directory is exactly what its publisher signed."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.core.management.base import BaseCommand, CommandError

from exports import signing
from exports.keys import verifying_key
from exports.verify import verify
from lib.errors import DomainError


class Command(BaseCommand):
    """`verify_release DIR [--public-key FILE] [--records]`: exit 0 only if every byte and count holds."""

    help = (
        "Check that a release directory is exactly what its publisher signed. "
        "Exit code 0 only if every byte and count holds."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Arguments of the command line."""
        parser.add_argument("directory", type=Path)
        parser.add_argument(
            "--public-key",
            type=Path,
            metavar="FILE",
            help="the publisher's Ed25519 key in PEM (default: this installation's)",
        )
        parser.add_argument(
            "--records", action="store_true", help="also read and check every record"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Verify; every fault is one line on standard error."""
        key = self._key(options["public_key"])
        verdict = verify(options["directory"], key, contents=options["records"])
        if verdict.faults:
            for fault in verdict.faults:
                self.stderr.write(fault)
            self.stderr.write(f"{options['directory']} does not hold.")
            sys.exit(1)
        self.stdout.write(
            f"{options['directory']} holds: {verdict.files} files, {verdict.bytes:,} bytes, "
            f"{verdict.records:,} records, signed with key {signing.key_id(key)[:16]}."
        )

    def _key(self, path: Path | None) -> Ed25519PublicKey:
        try:
            return signing.public_key(path.read_text()) if path else verifying_key()
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"The public key cannot be read: {error}") from error
        except signing.BadKey as error:
            raise CommandError(str(error)) from error
        except DomainError as error:
            raise CommandError("Name the publisher's key: --public-key FILE") from error
