"""Columns that first appear below the rows from which a plan was made: judged like those, when they come."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from annotation.importing.columns import (
    TOGETHER,
    bears_a_known_name,
    guessed,
    holds_answers,
    lies_in,
    more_evidence,
    touches,
)
from annotation.importing.paths import unseen
from annotation.importing.plan import Plan
from annotation.importing.rows import excerpt

MOST_NAMED = 100  # of the columns that nothing is taken from; a record may use its ids as names


class LateColumns:
    """Looks through every record for columns that its plan does not know.

    One that bears the name of a field and can hold it completes `plan`, unless the field has its column
    already; evidence may stand in several, so one more joins them where the plan says so. Every other one is
    named in `plan.late`, so that nothing is left out without a word.
    """

    def __init__(self, plan: Plan, domains: Mapping[str, str]) -> None:
        self.plan, self.domains = plan, domains
        self.known = {*plan.seen, *plan.late, *_paths_in(plan)}

    def notice(self, record: Mapping[str, Any]) -> bool:
        """Whether this record had something new, and `plan` is another one now."""
        fresh = unseen(record, self.known)
        if not fresh:
            return False
        before = self.plan
        usable = {
            path: value
            for path, value in fresh.items()
            if bears_a_known_name(path) and path == excerpt(path)
        }
        self._take(usable)
        self._name(list(fresh))
        return self.plan is not before

    def _take(self, usable: Mapping[str, Any]) -> None:
        """Complete the plan by what these columns are called."""
        if not usable:
            return
        columns = guessed(usable, self.plan.columns).columns
        if "domain" not in self.plan.columns and "domain" in columns:
            word = str(usable[columns["domain"]]).strip().lower()
            if word not in self.domains and word not in map(str.lower, self.plan.aliases):
                del columns["domain"]
        new = {name: path for name, path in columns.items() if name not in self.plan.columns}
        late = [path for together in new.values() for path in together.split(TOGETHER)]
        if self.plan.joins and "evidence" in self.plan.columns:
            more = more_evidence(usable, columns)
            columns["evidence"] = TOGETHER.join([columns["evidence"], *more])
            late += more
        if late:
            self.plan = replace(self.plan, columns=columns, late=[*self.plan.late, *late])
            self.known.update(late)

    def _name(self, fresh: list[str]) -> None:
        """Keep the names of what is left, the outermost of each; what holds a used column, or lies in one, is
        not left out."""
        used = _paths_in(self.plan)
        for path in fresh:
            if path in self.known:
                continue
            if touches(path, used):
                self.known.add(path)
            elif len(self.plan.late) < MOST_NAMED and not lies_in(path, self.plan.late):
                self.known.add(path)
                if excerpt(path) not in self.plan.late:
                    self.plan = replace(self.plan, late=[*self.plan.late, excerpt(path)])


def late_and_used(plan: Plan) -> dict[str, str]:
    """Fields with the columns that first appeared late and are taken for them."""
    found = {
        name: TOGETHER.join(path for path in together.split(TOGETHER) if path in plan.late)
        for name, together in plan.columns.items()
    }
    return {name: late for name, late in found.items() if late}


def late_and_unused(plan: Plan) -> list[str]:
    """Columns that first appeared late and nothing is taken from."""
    used = _paths_in(plan)
    return [path for path in plan.late if path not in used and not holds_answers(path)]


def late_answers(plan: Plan) -> list[str]:
    """Columns with answers that first appeared late; answers are written here, so they stay where they are."""
    return [path for path in plan.late if path not in _paths_in(plan) and holds_answers(path)]


def _paths_in(plan: Plan) -> set[str]:
    return {path for together in plan.columns.values() for path in together.split(TOGETHER)}
