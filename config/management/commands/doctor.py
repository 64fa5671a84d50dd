"""Say what is wrong with this installation, and what to do about it."""

import shutil
import smtplib
import sys
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core import checks, mail
from django.core.mail.backends.smtp import EmailBackend
from django.core.management import BaseCommand
from django.db import DatabaseError, connection

from config import health
from config.health import Health
from corpus.errors import KeyChanged, KeyMissing
from corpus.keys import key_check
from corpus.models import ProtectedSet
from exports.errors import SigningKeyMissing
from exports.keys import verifying_key
from lib.embedded import ServiceError, ensure_services, provided

LEAST_FREE_BYTES = 1 << 30
_DATABASE_FIRST = "Mend what is said about the database first."


class Command(BaseCommand):
    """One line for each thing looked at; exit code 1 when one of them needs doing."""

    help = (
        "Say what is wrong with this installation, and what to do about it. "
        "One line for each thing looked at; exit code 1 when one of them needs doing."
    )
    requires_system_checks: list[str] = []

    def handle(self, **options: Any) -> None:
        wrong = 0
        for name, found in _examine():
            wrong += not found.ok
            mark = self.style.SUCCESS("ok     ") if found.ok else self.style.ERROR("problem")
            self.stdout.write(f"{mark}  {name:<13} {found.detail}")
            if found.advice:
                self.stdout.write(f"         {'':<13} → {found.advice}")
        if wrong:
            self.stdout.write(f"\n{wrong} of these need doing.")
            sys.exit(1)
        self.stdout.write("\nAll is well.")


def _examine() -> Iterator[tuple[str, Health]]:
    yield "python", _python()
    yield "settings", _settings()
    yield "disk", _disk()
    yield "front end", _front_end()
    yield "servers", _servers()
    for name, check in health.CHECKS.items():
        yield name, check()
    yield "mail", _mail()
    yield "signing key", _signing_key()
    yield "protected", _protected_sets()


def _python() -> Health:
    version = ".".join(map(str, sys.version_info[:3]))
    return Health(ok=sys.version_info >= (3, 11), detail=f"Python {version}, {sys.executable}")


def _settings() -> Health:
    """Run Django's own checks, and those for a public site when this is one."""
    found = checks.run_checks(include_deployment_checks=not settings.DEBUG)
    serious = [m for m in found if m.level >= checks.WARNING and not m.is_silenced()]
    if not serious:
        return Health(ok=True, detail=f"{settings.SETTINGS_MODULE}; the system checks pass.")
    first = serious[0]
    return Health(
        ok=False,
        detail=f"{len(serious)} system checks complain, the first ({first.id}): {first.msg}",
        advice=first.hint or "Run `python manage.py check --deploy` to see all.",
    )


def _disk() -> Health:
    free = shutil.disk_usage(settings.VAR_DIR).free
    return Health(
        ok=free > LEAST_FREE_BYTES,
        detail=f"{free / (1 << 30):.1f} GB free for {settings.VAR_DIR}",
        advice="" if free > LEAST_FREE_BYTES else "Make room: below 1 GB a release may not fit.",
    )


def _front_end() -> Health:
    built = settings.BASE_DIR / "static" / "dist"
    if built.is_dir() and any(built.glob("*.css")):
        return Health(ok=True, detail="Styles and scripts are built.")
    return Health(ok=False, detail="Styles and scripts are not built.", advice="Run `make setup`.")


def _servers() -> Health:
    """Say whose PostgreSQL and Redis are in use, or why ours do not start."""
    if own := provided():
        return Health(ok=True, detail=f"This folder's own: {' and '.join(own.running)}.")
    at = connection.settings_dict
    if at["PASSWORD"] or at["HOST"] not in ("", "127.0.0.1", "localhost"):
        return Health(ok=True, detail="Given by DATABASE_URL and REDIS_URL.")
    try:
        ensure_services(settings.VAR_DIR).release()
    except ServiceError as problem:
        first, _, rest = str(problem).partition("\n")
        return Health(ok=False, detail=first, advice=rest or "Start again once that is done.")
    return Health(ok=True, detail="This folder's own servers start.")


def _mail() -> Health:
    """Sign in to the mail server; nothing is sent. Invitations and forgotten passwords need it."""
    connection = mail.get_connection()
    if not isinstance(connection, EmailBackend):
        return Health(ok=True, detail=f"No server: mail goes to {settings.EMAIL_BACKEND}.")
    try:
        connection.open()
        connection.close()
    except (smtplib.SMTPException, OSError) as problem:
        return Health(
            ok=False,
            detail=f"The mail server {connection.host}:{connection.port} refuses: {problem}",
            advice="See that it runs and that EMAIL_URL is right; what was not sent is tried again.",
        )
    return Health(ok=True, detail=f"The mail server {connection.host} lets us in.")


def _signing_key() -> Health:
    """Read the key that signs releases, before a release needs it."""
    try:
        verifying_key()
    except SigningKeyMissing as missing:
        return Health(ok=False, detail=missing.message, advice=missing.advice)
    return Health(ok=True, detail="Releases can be signed.")


def _protected_sets() -> Health:
    """Say whether protected sets can be looked up: they are hashed under a key kept outside."""
    try:
        imported = dict(ProtectedSet.objects.values_list("name", "key_check"))
        now = key_check() if imported else 0
    except DatabaseError:
        return Health(ok=False, detail="The protected sets cannot be read.", advice=_DATABASE_FIRST)
    except KeyMissing as missing:
        return Health(ok=False, detail=missing.message, advice=missing.advice)
    if not imported:
        return Health(
            ok=True, detail="No protected set is imported; contamination is not looked for."
        )
    strange = [name for name, check in imported.items() if check != now]
    if not strange:
        return Health(ok=True, detail=f"{len(imported)} protected sets, all under the present key.")
    return Health(
        ok=False,
        detail=f"Imported under another FINGERPRINT_KEY, so no text is held against any set: "
        f"{', '.join(strange)}.",
        advice=KeyChanged.advice,
    )
