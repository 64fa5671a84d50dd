"""Look at a document before it is kept: bounded, of a known kind, and what it says it is."""

import hashlib
from dataclasses import dataclass
from pathlib import PurePath

import filetype
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile

from experts.errors import EvidenceRefused

# Kinds that a browser shows without running anything; the suffixes that may announce each.
ACCEPTED = {
    "application/pdf": (".pdf",),
    "image/jpeg": (".jpg", ".jpeg"),
    "image/png": (".png",),
}
_ADVICE = "Send a PDF, or a photo as JPEG or PNG."


@dataclass(frozen=True)
class Document:
    """A checked document: its name as sent, its true media type, SHA-256 in hexadecimal, its bytes."""

    name: str
    media_type: str
    sha256: str
    stored_as: str
    content: "ContentFile[bytes]"


def inspected(upload: "UploadedFile[bytes]") -> Document:
    """The document in `upload`; raises EvidenceRefused with what is wrong and what to send instead."""
    limit = settings.CREDENTIAL_EVIDENCE_MAX_BYTES
    if (upload.size or 0) > limit:
        raise EvidenceRefused(
            f"This file is larger than {limit // 1024 // 1024} MB.", advice="Send a smaller scan."
        )
    content = upload.read(limit + 1)
    if not content:
        raise EvidenceRefused("This file is empty.", advice="Choose the document again.")
    if len(content) > limit:
        raise EvidenceRefused("This file is larger than it says.", advice="Send a smaller scan.")
    name = PurePath(upload.name or "document").name[:200]
    media_type = _true_type(content, name)
    return Document(
        name=name,
        media_type=media_type,
        sha256=hashlib.sha256(content).hexdigest(),
        stored_as=f"document{ACCEPTED[media_type][0]}",
        content=ContentFile(content),
    )


def _true_type(content: bytes, name: str) -> str:
    """What the bytes are, whatever the name says; both have to agree."""
    kind = filetype.guess(content[:8192])
    media_type = kind.mime if kind else ""
    if media_type not in ACCEPTED:
        raise EvidenceRefused("This kind of file cannot be taken as evidence.", advice=_ADVICE)
    if PurePath(name).suffix.lower() not in ACCEPTED[media_type]:
        raise EvidenceRefused(
            f"This file is not what its name says: it is of the type {media_type}.",
            advice=_ADVICE,
        )
    if media_type == "application/pdf" and b"%%EOF" not in content[-2048:]:
        raise EvidenceRefused("This PDF is cut off.", advice="Save or scan it again.")
    return media_type
