"""What the parts above know about a person.

Writing and reviewing happen above this app, and imports go down only; so each part hands in one Source
when it starts, and the pages here show, count, hand out and erase what all of them hold.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from experts.models import Project, User


@dataclass(frozen=True)
class Figure:
    """A number about somebody's work, and where its rows are."""

    label: str
    value: int
    url: str = ""


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
    figures: Callable[[User], list[Figure]]
    work: Callable[[Period], Iterable[Work]]
    data: Callable[[User], Iterable[tuple[str, Iterable[Mapping[str, Any]]]]]
    erase: Callable[[User], dict[str, int]]


_sources: dict[str, Source] = {}


def register(source: Source) -> Source:
    """Add what one part knows; called once when its app starts."""
    _sources[source.slug] = source
    return source


def sources() -> list[Source]:
    """All parts, in a fixed order."""
    return [_sources[slug] for slug in sorted(_sources)]
