"""What the parts above know about a person.

Writing and reviewing happen above this app, and imports go down only; so each part hands in one Source
when it starts, and the pages here show, count, hand out and erase what all of them hold.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import models

from experts.models import Project, User


@dataclass(frozen=True)
class Cell:
    """One cell of a row: a text, a day or a moment; `url` makes it a link."""

    value: str | int | date | datetime | None
    url: str = ""

    @property
    def is_time(self) -> bool:
        """Whether it is shown as a day or a moment."""
        return isinstance(self.value, date)


@dataclass(frozen=True)
class View:
    """Whose work is looked at, in which projects (ids; None for all), and whether by themselves."""

    person: User
    projects: tuple[int, ...] | None
    own: bool


@dataclass(frozen=True)
class Figure:
    """A number about somebody's work: the count of `rows`, which its page shows as `cells(row)` under `columns`.

    `on_page` is False for figures that other pages lead to and the person's own page does not show.
    """

    slug: str
    label: str
    rows: "models.QuerySet[Any]"
    columns: Sequence[str]
    cells: Callable[[Any], Sequence[Cell]]
    on_page: bool = True

    @property
    def value(self) -> int:
        """How many rows there are."""
        return self.rows.count()


@dataclass(frozen=True)
class Work:
    """One piece of recorded work: what the ledger counts. `seconds` is active writing time, if recorded."""

    at: datetime
    person: User
    project: Project
    kind: str
    reference: str
    what: str
    seconds: int | None = None


@dataclass(frozen=True)
class Period:
    """Whose work, where and when: days `since` (included) to `until` (not included); None for all."""

    person: User | None
    projects: tuple[int, ...] | None
    since: date
    until: date


@dataclass(frozen=True)
class Money:
    """An amount in a currency."""

    amount: Decimal
    currency: str


@dataclass(frozen=True)
class Source:
    """What one part knows: figures for the person's page, work for the ledger, data to hand out (name and
    JSON-able rows), and its step of an erasure (returns how many rows it changed).
    """

    slug: str
    figures: Callable[[View], list[Figure]]
    work: Callable[[Period], Iterable[Work]]
    data: Callable[[User], Iterable[tuple[str, Iterable[Mapping[str, Any]]]]]
    erase: Callable[[User], dict[str, int]]


_sources: dict[str, Source] = {}


def register(source: Source) -> Source:
    """Add what one part knows; called once when its app starts."""
    _sources[source.slug] = source
    return source


def sources() -> list[Source]:
    """All parts, in the order in which their apps start: writing before reviewing."""
    return list(_sources.values())


def figures_of(view: View) -> list[Figure]:
    """What all parts count about somebody's work."""
    return [figure for source in sources() for figure in source.figures(view)]
