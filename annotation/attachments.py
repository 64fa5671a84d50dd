"""Images and documents of instructions: kept once by their SHA-256, in the default storage under `attachments/`.

What a file is, is read from its first bytes, never from its name. Only kinds that a browser shows without
running anything in them are taken.
"""

import hashlib
from typing import IO, Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from lib.errors import Invalid

LARGEST = 25 << 20
PNG, JPEG, GIF, WEBP, PDF = "image/png", "image/jpeg", "image/gif", "image/webp", "application/pdf"
_STARTS = (
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"\xff\xd8\xff", JPEG),
    (b"GIF87a", GIF),
    (b"GIF89a", GIF),
    (b"%PDF-", PDF),
)
SHOWN = frozenset({PNG, JPEG, GIF, WEBP, PDF})


class AttachmentRefused(Invalid):
    """A file that cannot belong to an instruction."""

    code = "attachment_refused"
    message = "This file cannot be attached."
    advice = "PNG, JPEG, GIF, WebP and PDF files can be attached, up to 25 MB each."


def kind_of(data: bytes) -> str:
    """The media type by the first bytes; raises AttachmentRefused for any other kind."""
    if not data:
        raise AttachmentRefused("The file is empty.")
    if len(data) > LARGEST:
        raise AttachmentRefused("The file is larger than 25 MB.")
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return WEBP
    for start, mime in _STARTS:
        if data.startswith(start):
            return mime
    raise AttachmentRefused("The file is neither an image (PNG, JPEG, GIF, WebP) nor a PDF.")


def facts_of(data: bytes) -> dict[str, Any]:
    """{"sha256", "mime", "bytes"} of a file that can be attached; raises AttachmentRefused."""
    mime = kind_of(data)
    return {"sha256": hashlib.sha256(data).hexdigest(), "mime": mime, "bytes": len(data)}


def keep(data: bytes) -> dict[str, Any]:
    """Keep a file and return its facts; the same bytes are kept once."""
    facts = facts_of(data)
    path = _path(facts["sha256"])
    if not default_storage.exists(path):
        default_storage.save(path, ContentFile(data))
    return facts


def holds(sha256: str) -> bool:
    """Whether the file is there."""
    return any(default_storage.exists(path) for path in _places(sha256))


def open_kept(sha256: str) -> IO[Any]:
    """The file, open for reading in bytes; raises FileNotFoundError."""
    path = next(filter(default_storage.exists, _places(sha256)), None)
    if path is None:
        raise FileNotFoundError(sha256)
    return default_storage.open(path, "rb")


def _places(sha256: str) -> tuple[str, str]:
    """Where a file that a record refers to can lie: beside its instruction, or as the run that was handed in."""
    return _path(sha256), f"native/{sha256}"


def _path(sha256: str) -> str:
    if len(sha256) != 64 or not sha256.isalnum():
        raise FileNotFoundError(sha256)
    return f"attachments/{sha256}"
