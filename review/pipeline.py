"""Which stages a project wants, with how many seats: read from its version, pure."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from review.enums import StageSlug
from review.stages import Stage, by_slug

# Without these two nothing is ever approved: the database asks for both.
REQUIRED = (StageSlug.EXPERT, StageSlug.FORMAT)


@dataclass(frozen=True)
class Step:
    """One stage as a project wants it.

    The first seat sits over every task. Further seats sit over all (`share` 1), over a random `share` of
    the tasks, and always where the task is as difficult as `min_difficulty` or carries one of `tags`.
    """

    stage: Stage
    seats: int = 1
    share: float = 1.0
    min_difficulty: int = 6
    tags: frozenset[str] = frozenset()


def steps_of(pipeline: Sequence[Mapping[str, Any]]) -> list[Step]:
    """The steps of a project version's `pipeline` ([{"stage", "seats", "share", …}]), in order.

    A stage the project forgot but the database requires is there with one seat. Raises KeyError for a
    stage that does not exist.
    """
    named = [str(step["stage"]) for step in pipeline]
    missing = [{"stage": slug} for slug in REQUIRED if slug not in named]
    ordered = [*missing, *pipeline] if StageSlug.EXPERT not in named else [*pipeline, *missing]
    return [_step(step) for step in ordered]


def steps_in(pipeline: Sequence[Mapping[str, Any]], state: str) -> list[Step]:
    """The steps that take place in one task state, in order."""
    return [step for step in steps_of(pipeline) if step.stage.state == state]


def seats_for(step: Step, *, key: str, difficulty: int, tags: Sequence[str] = ()) -> int:
    """How many people judge this task in this step; the same answer in every round."""
    if step.seats <= 1:
        return 1
    wanted = difficulty >= step.min_difficulty or bool(step.tags & set(tags))
    return step.seats if wanted or drawn(key, salt=step.stage.slug, share=step.share) else 1


def drawn(key: str, *, salt: str, share: float) -> bool:
    """Whether the lot falls on `key`: true for `share` of all keys, for one key always the same."""
    lot = int.from_bytes(hashlib.sha256(f"{salt}:{key}".encode()).digest()[:8])
    return lot < share * 2**64


def problems(pipeline: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """What is wrong with a pipeline somebody typed, in plain words."""
    for number, step in enumerate(pipeline, start=1):
        try:
            by_slug(str(step.get("stage")))
        except KeyError:
            yield f"Step {number}: there is no stage called “{step.get('stage')}”."
        if not 1 <= int(step.get("seats", 1)) <= 5:
            yield f"Step {number}: a stage has one to five seats."
        if not 0 <= float(step.get("share", 1)) <= 1:
            yield f"Step {number}: a share lies between 0 and 1."


def _step(step: Mapping[str, Any]) -> Step:
    return Step(
        stage=by_slug(str(step["stage"])),
        seats=int(step.get("seats", 1)),
        share=float(step.get("share", 1.0)),
        min_difficulty=int(step.get("min_difficulty", 6)),
        tags=frozenset(step.get("tags", ())),
    )
