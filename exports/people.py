"""What the releasing side knows about a person, for the copy of their data: what of theirs was approved, what they
said of pairs, and what they fetched, sent or took back."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from experts.models import User
from experts.sources import Source, register
from exports.models import Delivery, Download, PairConsent, Record, Withdrawal

_RELEASE = ("release__dataset__slug", "release__major", "release__minor", "release__patch")


def _data(person: User) -> Iterator[tuple[str, Iterable[Mapping[str, Any]]]]:
    for name, rows, columns in (
        (
            "records",
            Record.objects.filter(author=person),
            ["record_id", "number", "licence", "approved_at"],
        ),
        ("words_on_pairs", PairConsent.objects.filter(person=person), ["allowed", "at"]),
        (
            "downloads",
            Download.objects.filter(person=person),
            [*_RELEASE, "path", "at"],
        ),
        (
            "deliveries",
            Delivery.objects.filter(person=person),
            [*_RELEASE, "kind", "destination", "state"],
        ),
        (
            "withdrawals",
            Withdrawal.objects.filter(by=person),
            ["record_id", "reason", "note", "at"],
        ),
    ):
        yield name, rows.order_by("pk").values(*columns).iterator(chunk_size=200)


def start() -> None:
    """Hand this part's knowledge to the copy of a person's data; their page and the ledger need none of it,
    and an erasure leaves releases as they are (ADR 0024)."""
    register(
        Source(
            "releasing",
            figures=lambda _view: [],
            work=lambda _period: [],
            data=_data,
            erase=lambda _person: {},
        )
    )
