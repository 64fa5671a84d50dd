"""Accepted work and active time as money: computed from recorded work whenever it is looked at."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from experts.enums import WorkKind
from experts.models import Project, Rate
from experts.sources import Period, Work, sources

CENT = Decimal("0.01")


@dataclass(frozen=True)
class Line:
    """One line of a statement. `quantity` is a count or hours; `rate` None where none was agreed that day."""

    work: Work
    kind: str
    quantity: Decimal
    rate: Rate | None

    @property
    def amount(self) -> Decimal | None:
        """Quantity times rate, to the cent."""
        if self.rate is None:
            return None
        return (self.quantity * self.rate.amount).quantize(CENT, ROUND_HALF_UP)

    @property
    def kind_label(self) -> str:
        """The kind of work in words."""
        return str(WorkKind(self.kind).label)


@dataclass(frozen=True)
class Total:
    """What one project comes to for one kind of work."""

    project: Project
    kind: str
    quantity: Decimal
    amount: Decimal
    currency: str

    @property
    def quantity_shown(self) -> str:
        """The quantity without zeros after the point."""
        return f"{self.quantity.normalize():f}"

    @property
    def kind_label(self) -> str:
        """The kind of work in words."""
        return str(WorkKind(self.kind).label)


class Rates:
    """All rates of some projects, looked up by day."""

    def __init__(self, projects: Iterable[int]) -> None:
        self._by_key: dict[tuple[int, str], list[Rate]] = defaultdict(list)
        for rate in Rate.objects.filter(project__in=projects).order_by("valid_from", "id"):
            self._by_key[rate.project_id, rate.kind].append(rate)

    def at(self, project: int, kind: str, day: date) -> Rate | None:
        """The newest rate that had begun on that day."""
        begun = [rate for rate in self._by_key[project, kind] if rate.valid_from <= day]
        return begun[-1] if begun else None


def lines_of(period: Period) -> Iterator[Line]:
    """Every line of a period, oldest work first: the work itself, and its active hours where they are paid."""
    work = sorted(
        (one for source in sources() for one in source.work(period)),
        key=lambda one: (one.at, one.reference),
    )
    rates = Rates({one.project.pk for one in work})
    for one in work:
        day = one.at.date()
        yield Line(one, one.kind, Decimal(1), rates.at(one.project.pk, one.kind, day))
        by_the_hour = rates.at(one.project.pk, WorkKind.HOUR, day)
        if one.seconds and by_the_hour is not None:
            hours = (Decimal(one.seconds) / 3600).quantize(CENT, ROUND_HALF_UP)
            yield Line(one, WorkKind.HOUR, hours, by_the_hour)


def totals_of(lines: Iterable[Line]) -> list[Total]:
    """Sums by project, kind and currency."""
    sums: dict[tuple[int, str, str], tuple[Project, Decimal, Decimal]] = {}
    for line in lines:
        currency = line.rate.currency if line.rate else ""
        key = (line.work.project.pk, line.kind, currency)
        project, quantity, amount = sums.get(key, (line.work.project, Decimal(0), Decimal(0)))
        sums[key] = (project, quantity + line.quantity, amount + (line.amount or 0))
    return [
        Total(project, kind, quantity, amount, currency)
        for (_, kind, currency), (project, quantity, amount) in sorted(
            sums.items(), key=lambda item: (item[1][0].name, item[0])
        )
    ]
