"""The file of a trajectory, byte for byte, and its normalised messages beside it."""

import hashlib
from collections.abc import Mapping
from typing import Any

import orjson
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from annotation.enums import AssignmentState
from annotation.errors import LeaseLost, NativeUnreadable, NotYourTask
from annotation.models import Assignment
from annotation.native import LARGEST, read_native
from experts.models import User


def keep_native(
    *, person: User, task_id: int, name: str, data: bytes, entry: int = 1
) -> dict[str, Any]:
    """Read and keep a trajectory; returns what extras["trajectory"] holds of it.

    The same bytes are kept once, whichever `entry` of several in the file is read.
    Raises NativeUnreadable, NotYourTask or LeaseLost.
    """
    assignment = Assignment.objects.filter(task=task_id, expert=person).first()
    if assignment is None:
        raise NotYourTask
    if assignment.state != AssignmentState.LIVE:
        raise LeaseLost
    native = read_native(data, entry)
    digest = hashlib.sha256(data).hexdigest()
    _put(f"native/{digest}", data)
    _put(_messages_at(digest, entry), orjson.dumps(native.messages))
    return {
        "sha256": digest,
        "format": native.format,
        "name": name[:200],
        "bytes": len(data),
        "steps": len(native.messages),
        "entry": native.entry,
        "entries": native.entries,
    }


def kept_file(about: Mapping[str, Any]) -> bytes:
    """The bytes of the kept file that extras["trajectory"] names; raises NativeUnreadable when there are none."""
    digest = _digest(about)
    if not default_storage.exists(f"native/{digest}"):
        raise NativeUnreadable("Choose the file first.")
    with default_storage.open(f"native/{digest}") as stored:
        return bytes(stored.read())


def native_messages(about: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The normalised messages of the trajectory that extras["trajectory"] names; raises NativeUnreadable
    when it is not there."""
    entry = about.get("entry", 1)
    path = _messages_at(_digest(about), entry if isinstance(entry, int) else 1)
    if not default_storage.exists(path):
        raise NativeUnreadable("The file of this trajectory is not in the storage.")
    with default_storage.open(path) as stored:
        return orjson.loads(stored.read())  # type: ignore[no-any-return]


def with_native(extras: dict[str, Any]) -> dict[str, Any]:
    """The extras with the messages of the trajectory put in, where there is one."""
    about = extras.get("trajectory") or {}
    if not about.get("sha256"):
        return extras
    return extras | {"trajectory": about | {"messages": native_messages(about)}}


def _digest(about: Mapping[str, Any]) -> str:
    digest = about.get("sha256", "")
    if not digest:
        raise NativeUnreadable("No file was chosen.")
    if not isinstance(digest, str) or len(digest) != 64 or not digest.isalnum():
        raise NativeUnreadable
    return digest


def _messages_at(digest: str, entry: int) -> str:
    return (
        f"native/{digest}.messages.json" if entry == 1 else f"native/{digest}.{entry}.messages.json"
    )


def _put(path: str, data: bytes) -> None:
    if not default_storage.exists(path):
        default_storage.save(path, ContentFile(data))


__all__ = ["LARGEST", "keep_native", "kept_file", "native_messages", "with_native"]
