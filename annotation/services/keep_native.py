"""The file of a trajectory, byte for byte, and its normalised messages beside it."""

import hashlib
from typing import Any

import orjson
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from annotation.enums import AssignmentState
from annotation.errors import LeaseLost, NativeUnreadable, NotYourTask
from annotation.models import Assignment
from annotation.native import LARGEST, read_native
from experts.models import User


def keep_native(*, person: User, task_id: int, name: str, data: bytes) -> dict[str, Any]:
    """Read and keep a trajectory; returns what extras["trajectory"] holds of it.

    The same bytes are kept once. Raises NativeUnreadable, NotYourTask or LeaseLost.
    """
    assignment = Assignment.objects.filter(task=task_id, expert=person).first()
    if assignment is None:
        raise NotYourTask
    if assignment.state != AssignmentState.LIVE:
        raise LeaseLost
    native = read_native(data)
    digest = hashlib.sha256(data).hexdigest()
    _put(f"native/{digest}", data)
    _put(f"native/{digest}.messages.json", orjson.dumps(native.messages))
    return {
        "sha256": digest,
        "format": native.format,
        "name": name[:200],
        "bytes": len(data),
        "steps": len(native.messages),
    }


def native_messages(digest: str) -> list[dict[str, Any]]:
    """The normalised messages of a kept trajectory; raises NativeUnreadable when it is not there."""
    if len(digest) != 64 or not digest.isalnum():
        raise NativeUnreadable
    path = f"native/{digest}.messages.json"
    if not default_storage.exists(path):
        raise NativeUnreadable("The file of this trajectory is not in the storage.")
    with default_storage.open(path) as stored:
        return orjson.loads(stored.read())  # type: ignore[no-any-return]


def with_native(extras: dict[str, Any]) -> dict[str, Any]:
    """The extras with the messages of the trajectory put in, where there is one."""
    about = extras.get("trajectory") or {}
    if not about.get("sha256"):
        return extras
    return extras | {"trajectory": about | {"messages": native_messages(about["sha256"])}}


def _put(path: str, data: bytes) -> None:
    if not default_storage.exists(path):
        default_storage.save(path, ContentFile(data))


__all__ = ["LARGEST", "keep_native", "native_messages", "with_native"]
