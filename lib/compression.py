"""Pages travel compressed; downloads and streams stay as they are."""

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware


class CompressPages(GZipMiddleware):
    """Django's compression, limited to HTML and JSON that was made for one answer.

    Releases and exports are streamed, large, and often compressed already; compressing them again would cost a
    processor for nothing. Static files were compressed when they were collected. (Django adds random bytes
    to each compressed page, so that its length tells nothing of the secrets in it.)
    """

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        """Compress what fits the description, else pass it on untouched."""
        kind = response.headers.get("Content-Type", "").partition(";")[0]
        wanted = isinstance(response, HttpResponse) and kind in {"text/html", "application/json"}
        return super().process_response(request, response) if wanted else response
