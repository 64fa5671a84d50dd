"""Keep what a look at a text found: pairs of like texts, and protected items met in it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from audit.services import record
from checks import ngrams
from checks.types import Finding, ProtectedHit
from corpus.enums import HitState, Kind, PairState
from corpus.errors import OwnText, ReasonNeeded
from corpus.models import Hit, Pair, ProtectedItem
from experts.models import User

_LIKE = {"duplicate", "near_duplicate", "copied_block"}


@transaction.atomic
def remember_pairs(
    *, kind: Kind, scope: str, ref: str, findings: Iterable[Finding], origin: str = ""
) -> int:
    """Keep the pairs that these findings about `ref` name; settled pairs stay as they are.

    Pairs found before for this text, still open and no longer true, are dropped. Returns how many.
    """
    matches = [
        (str(f.data["match"]["id"]), float(f.data["match"]["score"]), f.check == "duplicate")
        for f in findings
        if f.check in _LIKE and f.data.get("match")
    ]
    pairs = [
        Pair(
            kind=kind,
            scope=scope,
            first=min(ref, other),
            second=max(ref, other),
            score=score,
            exact=exact,
            origin=origin,
        )
        for other, score, exact in matches
        if other != ref
    ]
    others = [other for other, _, _ in matches]
    for side, opposite in (("first", "second"), ("second", "first")):
        Pair.objects.filter(kind=kind, state=PairState.OPEN, **{side: ref}).exclude(
            **{f"{opposite}__in": others}
        ).delete()
    Pair.objects.bulk_create(pairs, ignore_conflicts=True)
    return len(pairs)


@transaction.atomic
def remember_hits(
    *, scope: str, ref: str, texts: Sequence[str], hits: Iterable[ProtectedHit], origin: str = ""
) -> int:
    """Keep the protected items met in the texts of `ref`; open ones of earlier texts are removed.

    A waiver holds as long as the same texts meet the same item; an item that was taken out and is
    put back is open again. Returns how many were met.
    """
    content = content_of(texts)
    Hit.objects.filter(ref=ref, state=HitState.OPEN).exclude(content=content).update(
        state=HitState.REMOVED, decided_at=timezone.now()
    )
    met = list(hits)
    items = _items(met)
    best: dict[int, Hit] = {}
    for hit in sorted(met, key=lambda h: h.coverage):
        item = items.get((hit.benchmark, hit.item))
        if item is not None:
            best[item] = Hit(
                ref=ref,
                scope=scope,
                content=content,
                item_id=item,
                gram_version=ngrams.GRAM_VERSION,
                coverage=hit.coverage,
                held=hit.held,
                where=hit.where.as_dict(),
                origin=origin,
            )
    Hit.objects.bulk_create(best.values(), ignore_conflicts=True)
    back = Hit.objects.filter(ref=ref, content=content, item__in=best, state=HitState.REMOVED)
    back.update(state=HitState.OPEN, decided_at=None)
    return len(best)


def content_of(texts: Sequence[str]) -> bytes:
    """SHA-256 that a waiver is bound to: 32 bytes over the texts in order."""
    return hashlib.sha256("\x00".join(texts).encode("utf-8", "replace")).digest()


def _items(hits: Sequence[ProtectedHit]) -> Mapping[tuple[str, str], int]:
    stored = ProtectedItem.objects.filter(
        protected_set__name__in={h.benchmark for h in hits}, name__in={h.item for h in hits}
    )
    return {
        (name, item): pk
        for pk, item, name in stored.values_list("pk", "name", "protected_set__name")
    }


@transaction.atomic
def settle_pairs(
    *,
    pairs: Sequence[Pair],
    state: PairState,
    kept: str = "",
    reason: str = "",
    actor: User,
    project_id: int | None = None,
) -> int:
    """Decide about pairs: keep one text (`kept`) or both, which takes a reason. Returns how many.

    Keeping one text drops those that are like it, and with that decides about likenesses among them.
    """
    if state == PairState.KEEP_BOTH and not reason.strip():
        raise ReasonNeeded
    locked = list(
        Pair.objects.filter(pk__in=[p.pk for p in pairs]).order_by("pk").select_for_update()
    )
    if state == PairState.KEEP_ONE:
        texts = {
            kept,
            *(ref for p in locked if kept in (p.first, p.second) for ref in (p.first, p.second)),
        }
        locked = [pair for pair in locked if {pair.first, pair.second} <= texts]
    for pair in locked:
        pair.state, pair.reason, pair.settled_by = state, reason.strip(), actor
        pair.kept = kept if state == PairState.KEEP_ONE else ""
        pair.settled_at = timezone.now()
        pair.save()
        record(
            verb="corpus.pair_settled",
            actor=actor,
            target=pair,
            project_id=project_id,
            state=state.value,
            kept=pair.kept,
            first=pair.first,
            second=pair.second,
        )
    return len(locked)


@transaction.atomic
def waive_hit(
    *,
    hit: Hit,
    reason: str,
    actor: User,
    authors: Iterable[int] = (),
    project_id: int | None = None,
) -> Hit:
    """Let a text stand although it holds a protected item. Raises ReasonNeeded, OwnText."""
    if not reason.strip():
        raise ReasonNeeded
    if actor.pk in set(authors):
        raise OwnText
    locked = Hit.objects.select_for_update().get(pk=hit.pk)
    locked.state, locked.reason, locked.decided_by = HitState.WAIVED, reason.strip(), actor
    locked.decided_at = timezone.now()
    locked.save()
    data: dict[str, Any] = {"ref": locked.ref, "item": locked.item.name}
    record(verb="corpus.hit_waived", actor=actor, target=locked, project_id=project_id, **data)
    return locked
