"""Long lists by key, newest first: page two million costs what page one costs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar
from urllib.parse import urlencode

from django.db.models import Model, QuerySet
from django.http import QueryDict

Row = TypeVar("Row", bound=Model)
PAGE = 50


@dataclass(frozen=True)
class Page(Generic[Row]):
    """One page of rows; `next_url` is a query string, or empty at the end."""

    rows: Sequence[Row]
    first_url: str
    next_url: str


def paged(found: "QuerySet[Row]", query: QueryDict) -> Page[Row]:
    """The page that `before` in the query asks for; `found` is ordered by falling key."""
    kept = {key: value for key, value in query.items() if key != "before"}
    before = query.get("before", "")
    if before.isdecimal() and len(before) < 19:
        found = found.filter(pk__lt=int(before))
    rows = list(found[: PAGE + 1])
    more = len(rows) > PAGE
    following = "?" + urlencode({**kept, "before": rows[PAGE - 1].pk}) if more else ""
    return Page(rows[:PAGE], "?" + urlencode(kept) if before else "", following)
