"""What the corpus says about the records of a release: what may not go out, and what was let stand."""

from typing import Any

from django.db.models import CharField, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat

from annotation.known import INSTRUCTION, TASK, scope_of
from corpus.queries import held_refs, kept_pairs
from exports.models import Dataset, Release


def scopes_of(dataset: Dataset) -> list[str]:
    """Where the corpus keeps the texts of the data set's projects."""
    return [scope_of(pk) for pk in dataset.projects.order_by("pk").values_list("pk", flat=True)]


def _named(release: Release) -> QuerySet[Any]:
    """The release's records with the names under which the corpus knows their two texts."""
    return release.pins.order_by().annotate(
        task_ref=Concat(Value(f"{TASK}:"), Cast("record__task_id", CharField())),
        asked_ref=Concat(
            Value(f"{INSTRUCTION}:"), Cast("record__task__instruction_id", CharField())
        ),
    )


def held_since(release: Release) -> int:
    """How many of the release's records came to be held after it was cut."""
    held = held_refs(scopes_of(release.dataset))
    return _named(release).filter(Q(task_ref__in=held) | Q(asked_ref__in=held)).count()


def kept_likenesses(release: Release) -> list[dict[str, object]]:
    """Like responses that both stand in the release: how alike at most, how many pairs, and why."""
    pairs = list(kept_pairs(scopes_of(release.dataset)))
    if not pairs:
        return []
    refs = {ref for pair in pairs for ref in (pair.first, pair.second)}
    here = set(_named(release).filter(task_ref__in=refs).values_list("task_ref", flat=True))
    found: dict[str, dict[str, object]] = {}
    for pair in pairs:
        if {pair.first, pair.second} <= here:
            row = found.setdefault(pair.reason, {"reason": pair.reason, "pairs": 0, "alike": 0.0})
            row["pairs"] = int(str(row["pairs"])) + 1
            row["alike"] = max(float(str(row["alike"])), round(pair.score, 2))
    return list(found.values())
