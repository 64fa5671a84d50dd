"""Pages travel compressed, nothing else does."""

import gzip

import pytest
from django.http import FileResponse, HttpResponse, JsonResponse, StreamingHttpResponse

from lib.compression import CompressPages

LONG = "a page of many words " * 100


def answered(rf, response):
    request = rf.get("/", headers={"accept-encoding": "gzip, br"})
    return CompressPages(lambda _: response)(request)


@pytest.mark.parametrize("response", [HttpResponse(LONG), JsonResponse({"text": LONG})])
def test_pages_are_compressed(rf, response):
    plain = response.content
    found = answered(rf, response)
    assert found["Content-Encoding"] == "gzip"
    assert gzip.decompress(found.content) == plain


@pytest.mark.parametrize(
    "make",
    [
        lambda: HttpResponse(LONG, content_type="application/zip"),
        lambda: HttpResponse(LONG, content_type="application/jsonl"),
        lambda: StreamingHttpResponse([LONG]),
        lambda: FileResponse([LONG.encode()], content_type="text/html"),
        lambda: HttpResponse("short"),
    ],
)
def test_downloads_streams_and_short_answers_are_not(rf, make):
    assert "Content-Encoding" not in answered(rf, make())
