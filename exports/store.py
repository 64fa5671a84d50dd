"""Chunks of releases by their SHA-256, on whatever storage the installation uses.

A chunk is complete or absent: files are written beside their place and renamed, and objects in an
S3-compatible store appear whole.
"""

import hashlib
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any
from uuid import uuid4

from django.conf import settings
from django.core.files import File
from django.core.files.storage import FileSystemStorage, Storage, storages

BLOCK = 1 << 20


def _storage() -> Storage:
    return storages["releases" if "releases" in settings.STORAGES else "default"]


_FOLDER = "release-chunks"


def _name(sha256: str) -> str:
    # A draft that a killed process left beside its place is named by a dot and the same digest.
    return f"{_FOLDER}/{sha256.lstrip('.')[:2]}/{sha256}"


def holds(sha256: str) -> bool:
    """Whether the chunk is there."""
    return _storage().exists(_name(sha256))


def put_file(path: Path, sha256: str) -> None:
    """Keep the file at `path` under its digest; the file itself may be moved away."""
    storage, name = _storage(), _name(sha256)
    if storage.exists(name):
        return
    if isinstance(storage, FileSystemStorage):
        target = Path(storage.path(name))
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = target.with_name(f".{sha256}.{uuid4().hex}")
        shutil.move(path, draft)
        draft.replace(target)
        return
    with path.open("rb") as source:
        storage.save(name, File(source))


def put_bytes(content: bytes) -> str:
    """Keep `content` and return its digest."""
    sha256 = hashlib.sha256(content).hexdigest()
    if not holds(sha256):
        with workspace() as folder:
            draft = folder / sha256
            draft.write_bytes(content)
            put_file(draft, sha256)
    return sha256


def open_chunk(sha256: str) -> IO[bytes]:
    """The chunk, open for reading; raises FileNotFoundError."""
    file: Any = _storage().open(_name(sha256), "rb")
    opened: IO[bytes] = file
    return opened


def local_path(sha256: str) -> Path | None:
    """Where the chunk lies on this machine, if its storage is a directory here."""
    storage = _storage()
    return Path(storage.path(_name(sha256))) if isinstance(storage, FileSystemStorage) else None


def read(chunks: list[list[Any]], start: int = 0) -> Iterator[bytes]:
    """The bytes of several chunks one after the other, from byte `start`, a block at a time."""
    for sha256, size in chunks:
        if start >= size:
            start -= size
            continue
        with open_chunk(sha256) as source:
            source.seek(start)
            start = 0
            while block := source.read(BLOCK):
                yield block


def names() -> Iterator[str]:
    """Every chunk by its digest, and every draft of one that a killed process left, in order."""
    storage = _storage()
    try:
        folders, _ = storage.listdir(_FOLDER)
    except FileNotFoundError:  # nothing was ever kept
        return
    for folder in sorted(folders):
        yield from sorted(storage.listdir(f"{_FOLDER}/{folder}")[1])


def size_if_older(name: str, moment: datetime) -> int | None:
    """How large the chunk is, if it was written before `moment`; None if later, or if it is gone."""
    storage, path = _storage(), _name(name)
    old = storage.exists(path) and storage.get_modified_time(path) < moment
    return storage.size(path) if old else None


def remove(name: str) -> None:
    """Take a chunk or a draft away for good. Only exports.services.clear_chunks knows which may go."""
    _storage().delete(_name(name))


def remove_workspaces(before: datetime) -> int:
    """Remove the folders for drafts that killed processes left on this machine; returns how many."""
    base = settings.VAR_DIR / "work"
    found = list(base.iterdir()) if base.is_dir() else []
    old = [p for p in found if datetime.fromtimestamp(p.stat().st_mtime, UTC) < before]
    for path in old:
        shutil.rmtree(path, ignore_errors=True)
    return len(old)


@contextmanager
def workspace() -> Iterator[Path]:
    """A folder for drafts on the disk of the chunks, removed in the end."""
    base = settings.VAR_DIR / "work"
    base.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=base))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
