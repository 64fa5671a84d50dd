"""What of a release goes over the line, whole or from any byte on; each request is noted."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header

from experts.models import User
from exports import store
from exports.archive import Archive, Entry
from exports.models import Release
from exports.services.download import note_download
from lib.errors import NotFound

_RANGE = re.compile(r"bytes=(\d*)-(\d*)\Z")


@dataclass(frozen=True)
class Content:
    """Something that can be read from any byte on; `tag` changes with what it holds."""

    size: int
    tag: str
    read: Callable[[int], Iterator[bytes]]


def send_file(request: HttpRequest, person: User, release: Release, path: str) -> HttpResponseBase:
    """One file."""
    found = release.files.filter(path=path).first()
    if found is None:
        raise NotFound(f"Version {release.version} has no file “{path}”.")
    name = f"{release.dataset.slug}-{release.version}-{path.replace('/', '-')}"
    content = Content(found.bytes, found.sha256, lambda start: store.read(found.chunks, start))
    return _ranged(request, person, release, path, name, content)


def send_archive(request: HttpRequest, person: User, release: Release) -> HttpResponseBase:
    """Everything, as a ZIP archive."""
    folder = f"{release.dataset.slug}-{release.version}"
    entries = [
        Entry(f"{folder}/{file.path}", file.bytes, file.crc32, file.chunks)
        for file in release.files.all()
    ]
    if not entries:
        raise NotFound("This release has no files yet.")
    made = Archive(entries, date.fromisoformat(release.snapshot["cut_on"]))
    content = Content(made.size, f"zip-{release.manifest_sha256}", made.read)
    return _ranged(request, person, release, "", f"{folder}.zip", content)


def _ranged(
    request: HttpRequest, person: User, release: Release, path: str, name: str, content: Content
) -> HttpResponseBase:
    """The whole, or the part that whoever asks still lacks (RFC 9110, section 14)."""
    size, tag = content.size, content.tag
    span = _span(request, size, tag)
    if span is None:
        response: HttpResponseBase = HttpResponse(status=416)
        response["Content-Range"] = f"bytes */{size}"
        return response
    start, end = span
    partial = (start, end) != (0, size)
    if request.method != "HEAD":
        note_download(release=release, person=person, path=path, first_byte=start)
    response = StreamingHttpResponse(
        _until(content.read(start), end - start),
        content_type="application/octet-stream",
        status=206 if partial else 200,
    )
    if partial:
        response["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    response["Content-Length"] = str(end - start)
    response["Accept-Ranges"] = "bytes"
    response["ETag"] = f'"{tag}"'
    response["Content-Disposition"] = (
        content_disposition_header(as_attachment=True, filename=name) or ""
    )
    return response


def _span(request: HttpRequest, size: int, tag: str) -> tuple[int, int] | None:
    """(first, one past the last) byte that is wanted; None for a range that lies outside."""
    match = _RANGE.match(request.headers.get("Range", ""))
    same = request.headers.get("If-Range", f'"{tag}"') == f'"{tag}"'
    if match is None or not same or match.groups() == ("", ""):
        return 0, size
    first, last = match.groups()
    if not first:
        return max(0, size - int(last)), size
    start, end = int(first), min(int(last) + 1, size) if last else size
    return (start, end) if start < end else None


def _until(blocks: Iterator[bytes], wanted: int) -> Iterator[bytes]:
    for block in blocks:
        if wanted <= 0:
            return
        yield block[:wanted]
        wanted -= len(block)
