"""What the corpus says about the records of a release: what may not go out, and what was let stand."""

from django.db.models import Q

from corpus.queries import held_refs, kept_pairs
from exports.models import Release
from exports.queries import named_pins, scopes_of


def held_since(release: Release) -> int:
    """How many of the release's records came to be held after it was cut."""
    held = held_refs(scopes_of(release.dataset))
    return named_pins(release).filter(Q(task_ref__in=held) | Q(asked_ref__in=held)).count()


def kept_likenesses(release: Release) -> list[dict[str, object]]:
    """Like responses that both stand in the release: how alike at most, how many pairs, and why."""
    pairs = list(kept_pairs(scopes_of(release.dataset)))
    if not pairs:
        return []
    refs = {ref for pair in pairs for ref in (pair.first, pair.second)}
    here = set(named_pins(release).filter(task_ref__in=refs).values_list("task_ref", flat=True))
    found: dict[str, dict[str, object]] = {}
    for pair in pairs:
        if {pair.first, pair.second} <= here:
            row = found.setdefault(pair.reason, {"reason": pair.reason, "pairs": 0, "alike": 0.0})
            row["pairs"] = int(str(row["pairs"])) + 1
            row["alike"] = max(float(str(row["alike"])), round(pair.score, 2))
    return list(found.values())
