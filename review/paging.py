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


def paged(found: "QuerySet[Row]", query: QueryDict, *, key: str = "pk") -> Page[Row]:
    """The page that `before` in the query asks for; `found` is ordered by falling `key`, and rows that share
    one stay on one page."""
    kept = {name: value for name, value in query.items() if name != "before"}
    before = query.get("before", "")
    if before.isdecimal() and len(before) < 19:
        found = found.filter(**{f"{key}__lt": int(before)})
    rows = list(found[: PAGE + 1])
    following = ""
    if len(rows) > PAGE:
        cut = getattr(rows[PAGE], key)
        rows = [row for row in rows if getattr(row, key) != cut]
        following = "?" + urlencode({**kept, "before": getattr(rows[-1], key)})
    return Page(rows, "?" + urlencode(kept) if before else "", following)
