"""Files of a release, one by one or all in one archive; a broken download goes on where it stopped."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header

from experts.rules import person_of
from exports import store
from exports.archive import Archive, Entry
from exports.models import Release
from exports.services.download import note_download
from exports.views.access import readers, release_for
from lib.errors import NotFound
from lib.http import page

_RANGE = re.compile(r"bytes=(\d*)-(\d*)\Z")


@dataclass(frozen=True)
class Content:
    """Something that can be read from any byte on; `tag` changes with what it holds."""

    size: int
    tag: str
    read: Callable[[int], Iterator[bytes]]


@page(access=readers)
def file(request: HttpRequest, slug: str, pk: int, path: str) -> HttpResponseBase:
    """One file."""
    release = release_for(request, slug, pk)
    found = release.files.filter(path=path).first()
    if found is None:
        raise NotFound(f"Version {release.version} has no file “{path}”.")
    name = f"{slug}-{release.version}-{path.replace('/', '-')}"
    content = Content(found.bytes, found.sha256, lambda start: store.read(found.chunks, start))
    return _ranged(request, release, path, name, content)


@page(access=readers)
def archive(request: HttpRequest, slug: str, pk: int) -> HttpResponseBase:
    """Everything, as a ZIP archive."""
    release = release_for(request, slug, pk)
    folder = f"{slug}-{release.version}"
    entries = [
        Entry(f"{folder}/{file.path}", file.bytes, file.crc32, file.chunks)
        for file in release.files.all()
    ]
    if not entries:
        raise NotFound("This release has no files yet.")
    made = Archive(entries, date.fromisoformat(release.snapshot["cut_on"]))
    content = Content(made.size, f"zip-{release.manifest_sha256}", made.read)
    return _ranged(request, release, "", f"{folder}.zip", content)


def _ranged(
    request: HttpRequest, release: Release, path: str, name: str, content: Content
) -> HttpResponseBase:
    """The whole, or the part the browser still lacks (RFC 9110, section 14)."""
    size, tag = content.size, content.tag
    span = _span(request, size, tag)
    if span is None:
        response: HttpResponseBase = HttpResponse(status=416)
        response["Content-Range"] = f"bytes */{size}"
        return response
    start, end = span
    partial = (start, end) != (0, size)
    if request.method != "HEAD":
        note_download(release=release, person=person_of(request), path=path, first_byte=start)
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
