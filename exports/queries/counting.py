"""What a data set takes and leaves out, counted in one reading of its records."""

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Count

from exports.enums import Exclusion
from exports.models import Dataset
from exports.queries.selecting import AXES, candidates, exclusion_field, unfit_revisions
from exports.selection import Member, Selection


@dataclass(frozen=True)
class Counted:
    """The records of a data set's projects, by everything that its pages tell them by.

    `cells` has a row for each combination that occurs: {exclusion, member, each of AXES, n}.
    """

    dataset: Dataset
    cells: list[dict[str, Any]]

    @cached_property
    def selected(self) -> list[dict[str, Any]]:
        """The cells that the next release would carry, held-out ones included."""
        return [cell for cell in self.cells if not cell["exclusion"]]

    @cached_property
    def total(self) -> int:
        """How many records the next release would carry, held-out ones included."""
        return sum(cell["n"] for cell in self.selected)

    @cached_property
    def slices(self) -> dict[str, dict[str, int]]:
        """Selected records by each axis: {axis: {value: records}}, values in order."""
        return {
            axis: {str(value): number for value, number in sorted(self.by(axis).items())}
            for axis in AXES
        }

    @cached_property
    def exclusions(self) -> dict[str, int]:
        """How many records are left out, by reason, those that cannot be written included."""
        counts: Counter[str] = Counter()
        for cell in self.cells:
            if cell["exclusion"]:
                counts[cell["exclusion"]] += cell["n"]
        unfit = unfit_revisions(self.dataset).count()
        return dict(sorted(counts.items())) | ({Exclusion.UNFIT.value: unfit} if unfit else {})

    def by(self, *names: str) -> Counter[Any]:
        """Selected records by one column's values, or by tuples of several."""
        counts: Counter[Any] = Counter()
        for cell in self.selected:
            counts[cell[names[0]] if len(names) == 1 else tuple(cell[n] for n in names)] += cell[
                "n"
            ]
        return counts

    def members(self) -> list[dict[str, Any]]:
        """The slices of the mixture with their weight, cap, records, and share of the training weight."""
        members = [Member.read(raw) for raw in self.dataset.mixture]
        if not members:
            return []
        counts = self.by("member")
        told = [*enumerate(members), (-1, Member("All others", Selection()))]
        whole = sum(each.weight * counts[place] for place, each in told)
        return [
            {
                "place": place,
                "name": each.name,
                "weight": each.weight,
                "cap": each.cap,
                "n": counts[place],
                "percent": round(100 * each.weight * counts[place] / whole) if whole else 0,
            }
            for place, each in told
        ]


def counted(dataset: Dataset) -> Counted:
    """Count the records of a data set's projects as its settings stand, saved or not."""
    reason = exclusion_field(dataset)
    rows = candidates(dataset).order_by().values(reason, "member", *AXES).annotate(n=Count("pk"))
    return Counted(dataset, [row | {"exclusion": row[reason]} for row in rows])
