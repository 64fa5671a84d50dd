"""Which records spell a control token of a chat template in their texts."""

from typing import Any

from django.db.models import Count, Q, QuerySet

from exports import control
from exports.models import Release, Spelling, Tokenizer
from exports.preview.tokens import control_tokens

KNOWN = "known"
SHOWN = 6


def spelling_counts(found: Q) -> list[dict[str, Any]]:
    """For the usual templates and each uploaded tokenizer: how many records `found` (a condition on
    Spelling) spell one of its tokens, and which tokens most often. Those that nobody spells are left out."""
    rows = []
    for asked, name, tokens in _sources():
        spelled = Spelling.objects.filter(found, token__in=tokens)
        records = spelled.aggregate(n=Count("record", distinct=True))["n"]
        if records:
            often = spelled.order_by().values("token").annotate(n=Count("pk"))
            most = often.order_by("-n", "token").values_list("token", flat=True)[:SHOWN]
            rows.append({"asked": asked, "name": name, "records": records, "tokens": list(most)})
    return rows


def spelled_in_selection(selected: QuerySet[Any]) -> Q:
    """The condition for the records of a selection."""
    return Q(record__in=selected.order_by().values("pk"))


def spelled_in_release(release: Release) -> Q:
    """The condition for the records of a release."""
    return Q(record__in=release.pins.values("record"))


def spelling_records(asked: str) -> QuerySet[Spelling]:
    """Who spells a token of the usual templates (`known`) or of the tokenizer with that number; nobody for
    any other word."""
    return Spelling.objects.filter(token__in=_tokens_of(asked))


def spelling_name(asked: str) -> str:
    """What `asked` stands for, in words."""
    return next((name for key, name, _ in _sources() if key == asked), asked)


def _tokens_of(asked: str) -> frozenset[str]:
    return next((tokens for key, _, tokens in _sources() if key == asked), frozenset())


def _sources() -> list[tuple[str, str, frozenset[str]]]:
    uploaded = [
        (str(one.pk), one.name, control.noticed(control_tokens(one)))
        for one in Tokenizer.objects.all()
    ]
    return [(KNOWN, "the usual chat templates", control.KNOWN), *uploaded]
