"""The audit trail, for administrators: search it, take it along."""

import csv
from collections.abc import Iterator

import orjson
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse

from audit.forms import SearchForm
from audit.models import Event
from audit.queries import events
from lib.htmx import respond
from lib.http import administrators, page

PAGE = 50
COLUMNS = ["id", "at", "actor", "verb", "object_type", "object_id", "project_id", "data"]


@page(access=administrators)
def trail(request: HttpRequest) -> HttpResponse:
    """Newest first, a page by the key of its last row: page 1,000 costs what page 1 does."""
    form = SearchForm(request.GET)
    found = events(form.wanted())
    before = request.GET.get("before", "")
    if before.isdigit():
        found = found.filter(pk__lt=int(before))
    rows = list(found[: PAGE + 1])
    query = request.GET.copy()
    query.pop("before", None)
    more = f"{query.urlencode()}&before={rows[PAGE - 1].pk}" if len(rows) > PAGE else ""
    context = {"form": form, "rows": rows[:PAGE], "more": more, "query": query.urlencode()}
    return respond(request, "audit/trail.html", context, fragment="rows")


class _Line:
    """A file that hands each line back, so that csv writes into a stream."""

    def write(self, line: str) -> str:
        return line


@page(access=administrators)
def download(request: HttpRequest) -> StreamingHttpResponse:
    """All that fit, as CSV, streamed from a cursor."""
    found = events(SearchForm(request.GET).wanted())
    return StreamingHttpResponse(
        _lines(found.iterator(chunk_size=2000)),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="audit.csv"'},
    )


def _lines(rows: Iterator[Event]) -> Iterator[str]:
    writer = csv.writer(_Line())
    yield writer.writerow(COLUMNS)
    for row in rows:
        yield writer.writerow(_cells(row))


def _cells(row: Event) -> list[object]:
    actor = row.actor.email if row.actor else ""
    data = orjson.dumps(row.data, option=orjson.OPT_SORT_KEYS).decode()
    return [
        row.pk,
        row.at.isoformat(),
        actor,
        row.verb,
        row.object_type,
        row.object_id,
        row.project_id,
        data,
    ]
