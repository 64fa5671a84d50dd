"""What is known of calibration items without asking the database: which flaws a reviewer saw, and what such
an item shows where work would show its author and its whereabouts."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from django.conf import settings

from annotation.enums import TargetKind, TaskState
from review.enums import Mark, StageSlug, Verdict

# Marks a sitting that an edit of the meaning ended: whoever mends a response so gives no verdict on it.
MENDED = "mended"

AMISS = {Mark.FIX, Mark.FAIL}
# Verdicts that keep a flawed response from going on.
STOPS = {Verdict.REQUEST_CHANGES, Verdict.REJECT, Verdict.ESCALATE}


def caught_flaws(
    flaws: Sequence[Mapping[str, Any]],
    *,
    verdict: str,
    criteria: Mapping[str, Mapping[str, Any]],
    quotes: Sequence[str] = (),
) -> list[int]:
    """The positions of the flaws that were caught.

    A flaw counts as caught when the verdict stops the response and either the flaw's criterion was marked
    as amiss or a comment stands on its passage. Where the reviewer marked nothing at all, stopping alone
    counts for the only flaw there is.
    """
    if verdict not in STOPS:
        return []
    marked = {name for name, mark in criteria.items() if mark.get("mark") in AMISS}
    if not marked and not quotes:
        return [0] if len(flaws) == 1 else []
    return [
        position
        for position, flaw in enumerate(flaws)
        if flaw.get("criterion") in marked or _touched(str(flaw.get("quote") or ""), quotes)
    ]


def _touched(passage: str, quotes: Sequence[str]) -> bool:
    return bool(passage) and any(passage in quote or quote in passage for quote in quotes if quote)


class Sitting(Protocol):
    """What is needed of a sitting here."""

    draft: dict[str, Any]
    item: Any


def response_in(sitting: Sitting) -> str:
    """The response of an item as this reviewer has it before them: with their repair, if they made one."""
    return str(sitting.draft.get("response") or sitting.item.content["response"])


def plain(text: str) -> dict[str, Any]:
    """A response of one text as a target."""
    return {"kind": TargetKind.TEXT, "messages": [{"role": "assistant", "content": text}]}


_LETTERS = "bcdfghjkmnpqrstvwxz23456789"


def pseudonym_of(item: int) -> str:
    """Who seems to have written an item: nobody's pseudonym, the same for everybody and every time."""
    digest = hashlib.blake2b(
        str(item).encode(), key=settings.SECRET_KEY.encode()[:64], digest_size=8
    ).digest()
    return "p-" + "".join(_LETTERS[byte % len(_LETTERS)] for byte in digest)


def key_of(item: int, since: datetime) -> UUID:
    """The key that the task of an item would have: made up, the same every time, as old as the item."""
    digest = hashlib.blake2b(
        f"key {item}".encode(), key=settings.SECRET_KEY.encode()[:64], digest_size=10
    ).digest()
    number = int(since.timestamp() * 1_000) << 80 | int.from_bytes(digest)
    number = number & ~(0xF << 76) | 0x7 << 76  # version 7
    return UUID(int=number & ~(0x3 << 62) | 0x2 << 62)


def state_after(stage: str, verdict: str) -> str:
    """Where a task would stand after this verdict: what an item shows in lists."""
    approved = TaskState.FORMAT_REVIEW if stage == StageSlug.EXPERT else TaskState.APPROVED
    waiting = TaskState.EXPERT_REVIEW if stage == StageSlug.EXPERT else TaskState.FORMAT_REVIEW
    return {
        Verdict.APPROVE: approved,
        Verdict.REQUEST_CHANGES: TaskState.CHANGES_REQUESTED,
        Verdict.REJECT: TaskState.REJECTED,
        Verdict.ESCALATE: TaskState.ADJUDICATION,
    }.get(Verdict(verdict), waiting)
