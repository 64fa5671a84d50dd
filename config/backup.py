"""Everything an installation holds, as one folder, and back.

DIR/manifest.json     what is in it: version, migrations, path, bytes and sha256 of every file
DIR/database.dump     pg_dump, custom format
DIR/files/…           what the storage holds
DIR/secrets/…         the keys this installation made for itself, if it did
"""

import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any

from django.conf import settings
from django.core.files import File
from django.core.files.storage import Storage, default_storage
from django.db import connection

from lib.embedded.binaries import client_program
from lib.errors import Conflict, Invalid

LAYOUT = 1
CHUNK = 1024 * 1024


def back_up(folder: Path) -> dict[str, Any]:
    """Write a backup into an empty or new folder and return its manifest.

    The database is dumped first, in one snapshot: a file written meanwhile is one too many in the
    backup, never one too few.
    """
    if folder.exists() and any(folder.iterdir()):
        msg = f"{folder} is not empty."
        raise Conflict(msg, advice="Name a new folder; a backup never writes over another.")
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)  # it holds personal data and keys
    _dump(folder / "database.dump")
    for name in stored_files(default_storage):
        _copy_out(name, folder / "files" / PurePosixPath(name))
    if _secrets().is_dir():
        shutil.copytree(_secrets(), folder / "secrets")
    manifest = {
        "layout": LAYOUT,
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "postgresql": _server_major(),
        "migrations": _applied_migrations(),
        "files": [_entry(folder, path) for path in sorted(_files_in(folder))],
    }
    text = json.dumps(manifest, indent=1, sort_keys=True)
    (folder / "manifest.json").write_text(text + "\n", encoding="utf-8")
    return manifest


def restore(folder: Path, *, replace: bool) -> dict[str, Any]:
    """Put a backup back and return its manifest; nothing is touched unless every byte is there."""
    manifest = read_manifest(folder)
    if _tables_exist():
        if not replace:
            msg = "The database is not empty."
            raise Conflict(msg, advice="Say --replace to delete what is there first.")
        with connection.cursor() as cursor:
            cursor.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    connection.close()
    _load(folder / "database.dump")
    if (folder / "secrets").is_dir():
        shutil.copytree(folder / "secrets", _secrets(), dirs_exist_ok=True)
    for path in sorted((folder / "files").rglob("*")):
        if path.is_file():
            _copy_in(path, path.relative_to(folder / "files").as_posix())
    return manifest


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return the manifest of a backup whose every file is as it says; raise Invalid otherwise."""
    try:
        manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text("utf-8"))
        listed = {entry["path"]: entry for entry in manifest["files"]}
    except (OSError, ValueError, KeyError, TypeError):
        msg = f"{folder} holds no complete backup: manifest.json is missing or broken."
        raise Invalid(msg) from None
    if manifest.get("layout") != LAYOUT:
        msg = f"This backup has the layout {manifest.get('layout')}; this version reads {LAYOUT}."
        raise Invalid(msg)
    for name, entry in listed.items():
        path = folder / name
        if not path.is_file() or _entry(folder, path) != entry:
            msg = f"{name} is missing from the backup or was changed since."
            raise Invalid(msg, advice="Nothing was restored. Use another backup.")
    return manifest


def stored_files(storage: Storage, folder: str = "") -> Iterator[str]:
    """Name every file of a storage, folder by folder."""
    try:
        folders, files = storage.listdir(folder)
    except FileNotFoundError:  # nothing was ever stored
        return
    prefix = f"{folder}/" if folder else ""
    yield from (prefix + name for name in files if name)
    for name in folders:
        yield from stored_files(storage, prefix + name)


def _dump(target: Path) -> None:
    program = client_program("pg_dump", at_least=_server_major(), configured=settings.POSTGRES_BIN)
    _run([program, "--format=custom", "--no-owner", "--no-privileges", f"--file={target}"])


def _load(source: Path) -> None:
    program = client_program(
        "pg_restore", at_least=_server_major(), configured=settings.POSTGRES_BIN
    )
    connection.close()
    _run([
        program, "--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction",
        "--clean", "--if-exists", f"--dbname={connection.settings_dict['NAME']}", source,
    ])  # fmt: skip


def _run(command: list[str | Path]) -> None:
    """Run a client program against our database; the password stays out of the process list."""
    at = connection.settings_dict
    given = {
        "PGHOST": at["HOST"],
        "PGPORT": at["PORT"],
        "PGUSER": at["USER"],
        "PGPASSWORD": at["PASSWORD"],
        "PGDATABASE": at["NAME"],
    }
    environment = {name: str(value) for name, value in given.items() if value}
    done = subprocess.run(  # noqa: S603
        [os.fspath(part) for part in command],
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        msg = f"{Path(command[0]).name} failed: {done.stderr.strip()}"
        raise Invalid(msg)


def _server_major() -> int:
    connection.ensure_connection()
    assert connection.connection is not None
    return int(connection.connection.info.server_version // 10_000)


def _tables_exist() -> bool:
    return bool(connection.introspection.table_names())


def _applied_migrations() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT app || '.' || name FROM django_migrations ORDER BY id")
        return [name for (name,) in cursor.fetchall()]


def _secrets() -> Path:
    folder: Path = settings.VAR_DIR / "secrets"
    return folder


def _copy_out(name: str, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with default_storage.open(name) as source, target.open("wb") as copy:
        shutil.copyfileobj(source, copy, CHUNK)


def _copy_in(path: Path, name: str) -> None:
    if default_storage.exists(name):
        default_storage.delete(name)
    with path.open("rb") as source:
        default_storage.save(name, File(source))


def _files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def _entry(folder: Path, path: Path) -> dict[str, Any]:
    with path.open("rb") as source:
        digest = hashlib.file_digest(source, "sha256").hexdigest()
    return {
        "path": path.relative_to(folder).as_posix(),
        "bytes": path.stat().st_size,
        "sha256": digest,
    }
