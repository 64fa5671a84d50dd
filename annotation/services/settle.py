"""Decide about like texts: which one stays, or why both do."""

from collections.abc import Sequence

from django.db import transaction

from annotation.known import number_in
from annotation.services.release import close_tasks
from corpus.enums import Kind, PairState
from corpus.models import Pair
from corpus.services.remember import settle_pairs
from experts.models import Project, User


@transaction.atomic
def settle_likeness(
    *, pairs: Sequence[Pair], kept: str, reason: str, actor: User, project: Project
) -> tuple[int, int]:
    """Keep one text of these pairs (`kept`), or both for a reason. Returns how many pairs were settled and
    how many tasks of dropped instructions were closed. Raises ReasonNeeded."""
    state = PairState.KEEP_ONE if kept else PairState.KEEP_BOTH
    dropped = _dropped(pairs, kept) if kept else []
    closed = close_tasks(project_id=project.pk, instructions=dropped, actor=actor)
    settled = settle_pairs(
        pairs=pairs, state=state, kept=kept, reason=reason, actor=actor, project_id=project.pk
    )
    return settled, closed


def _dropped(pairs: Sequence[Pair], kept: str) -> list[int]:
    """The instructions that lose against the kept one."""
    return [
        number_in(ref)
        for pair in pairs
        if pair.kind == Kind.INSTRUCTION and kept in (pair.first, pair.second)
        for ref in (pair.first, pair.second)
        if ref != kept
    ]
