"""Files of a release, one by one or all in one archive; a broken download goes on where it stopped."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from experts.rules import person_of
from exports.sending import send_archive, send_file
from exports.views.access import readers, release_for
from lib.http import page


@page(access=readers)
def file(request: HttpRequest, slug: str, pk: int, path: str) -> HttpResponseBase:
    """One file."""
    return send_file(request, person_of(request), release_for(request, slug, pk), path)


@page(access=readers)
def archive(request: HttpRequest, slug: str, pk: int) -> HttpResponseBase:
    """Everything, as a ZIP archive."""
    return send_archive(request, person_of(request), release_for(request, slug, pk))
