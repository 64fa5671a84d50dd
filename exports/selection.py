"""What a data set takes in, as data: read from JSON, turned into a condition on records."""

from dataclasses import dataclass, fields
from datetime import UTC, date
from typing import Any

from django.db.models import Q

from lib.errors import Invalid

DEFAULT_CLASSES = ("A", "B")


class BadSelection(Invalid):
    """The selection names something it cannot."""

    code = "bad_selection"


@dataclass(frozen=True)
class Selection:
    """Empty means any, except that quality classes default to A and B. Dates are inclusive."""

    domains: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    difficulties: tuple[int, ...] = ()
    task_types: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    quality_classes: tuple[str, ...] = ()
    policy_categories: tuple[str, ...] = ()
    licences: tuple[str, ...] = ()
    most_characters: int = 0
    approved_from: str = ""
    approved_to: str = ""

    @classmethod
    def read(cls, raw: dict[str, Any]) -> "Selection":
        """From JSON; raises BadSelection for a key or a value that does not belong."""
        known = {field.name for field in fields(cls)}
        if strange := sorted(set(raw) - known):
            raise BadSelection(f"A selection has no “{strange[0]}”.")
        for name in ("approved_from", "approved_to"):
            _require_date(raw.get(name, ""))
        given: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in raw.items()
        }
        return cls(**given)

    def as_dict(self) -> dict[str, Any]:
        """As JSON, empty conditions left out."""
        shown = {field.name: getattr(self, field.name) for field in fields(self)}
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in shown.items()
            if value
        }

    def scope(self) -> Q:
        """The condition on what a record is about, without quality and rights."""
        found = Q()
        if self.domains:
            inside = Q(domain__in=self.domains)
            for path in self.domains:
                inside |= Q(domain__startswith=f"{path}.")
            found &= inside
        plain = {
            "language__in": self.languages,
            "difficulty__in": self.difficulties,
            "task_type__in": self.task_types,
            "kind__in": self.kinds,
            "policy_category__in": self.policy_categories,
        }
        found &= Q(**{name: value for name, value in plain.items() if value})
        if self.approved_from:
            found &= Q(approved_at__date__gte=self.approved_from)
        if self.approved_to:
            found &= Q(approved_at__date__lte=self.approved_to)
        return found

    def outside(self, record: Any) -> list[str]:
        """What of one record `scope` does not take in, in words."""
        inside = any(
            record.domain == path or record.domain.startswith(f"{path}.") for path in self.domains
        )
        day = record.approved_at.astimezone(UTC).date().isoformat()
        found = {
            f"domain {record.domain}": self.domains and not inside,
            f"language {record.language}": _misses(self.languages, record.language),
            f"difficulty {record.difficulty}": _misses(self.difficulties, record.difficulty),
            f"task type {record.task_type or 'not given'}": _misses(
                self.task_types, record.task_type
            ),
            f"kind {record.kind}": _misses(self.kinds, record.kind),
            f"policy category {record.policy_category or 'not given'}": _misses(
                self.policy_categories, record.policy_category
            ),
            f"approved on {day}": (self.approved_from and day < self.approved_from)
            or (self.approved_to and day > self.approved_to),
        }
        return [words for words, misses in found.items() if misses]

    def everything(self) -> Q:
        """All that is named, for a slice: quality and rights count only where they are."""
        classes = Q(quality_class__in=self.quality_classes) if self.quality_classes else Q()
        return self.scope() & classes & self.rights()

    def quality(self) -> Q:
        """The condition on quality."""
        return Q(quality_class__in=self.quality_classes or DEFAULT_CLASSES)

    def rights(self) -> Q:
        """The condition on the licence."""
        return Q(licence__in=self.licences) if self.licences else Q()


def _misses(wanted: tuple[Any, ...], value: Any) -> bool:
    return bool(wanted) and value not in wanted


def _require_date(text: str) -> None:
    if not text:
        return
    try:
        date.fromisoformat(text)
    except ValueError:
        raise BadSelection(f"“{text}” is not a date. Write it as 2026-01-31.") from None


@dataclass(frozen=True)
class Member:
    """One slice of a mixture: which records, how much each counts, how many at most."""

    name: str
    where: Selection
    weight: float = 1.0
    cap: int | None = None

    @classmethod
    def read(cls, raw: dict[str, Any]) -> "Member":
        """From JSON."""
        cap = raw.get("cap")
        return cls(
            name=str(raw["member"]),
            where=Selection.read(raw.get("where", {})),
            weight=float(raw.get("weight", 1)),
            cap=None if cap in (None, "") else int(cap),
        )
