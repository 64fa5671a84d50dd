"""The writing record that a calibration item shows.

Nobody wrote an item in the editor, so it has no record; work always has one, and its lack would give the item
away. What stands in for it is made up: the response grows in bursts, with pauses, words taken back and
sentences put in later, the same each time. It is shown to the reviewer of the item and stored nowhere.
"""

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from annotation.provenance import Batch, summarise
from annotation.writing_log import Edit, replacement

FIELD = "response"
EDITS_A_BATCH = 12
TENTHS_A_CHARACTER = 2
_BURST = re.compile(r"(?:\S+\s*){1,5}")


def record_of(item: int, text: str, before: datetime) -> list[Batch]:
    """Batches that replay to `text`, the last of them some hours before the moment given."""
    chance = random.Random(f"{settings.SECRET_KEY} {item}")  # noqa: S311  (nothing secret hangs on it)
    edits = list(_edits(text, chance))
    moment = before - timedelta(hours=chance.uniform(4, 60), seconds=_seconds(edits))
    session, batches = f"{chance.getrandbits(64):x}", []
    for start in range(0, len(edits), EDITS_A_BATCH):
        some = edits[start : start + EDITS_A_BATCH]
        moment += timedelta(seconds=_seconds(some))
        batches.append(Batch(moment, session, some))
    return batches


def summary_of(batches: Sequence[Batch], content: Mapping[str, Any]) -> dict[str, Any]:
    """The figures of such a record, as a revision keeps them."""
    given = [str(message.get("content") or "") for message in content.get("messages", [])]
    given += [str(one.get("text") or "") for one in content.get("evidence") or []]
    return summarise(batches, given=given)


def _edits(text: str, chance: random.Random) -> Iterator[Edit]:
    shown = ""
    for state in _states(text, chance):
        edit = replacement(shown, state, FIELD, "typed")
        if edit is not None:
            typed = max(len(state) - len(shown), 1) * TENTHS_A_CHARACTER
            yield replace(edit, gap=_gap(chance), duration=round(typed * chance.uniform(0.7, 1.4)))
        shown = state


def _gap(chance: random.Random) -> int:
    """Tenths of a second before a burst; nearly every second one follows a pause for thought."""
    return chance.randint(20, 220) if chance.random() < 0.45 else chance.randint(1, 12)


def _states(text: str, chance: random.Random) -> Iterator[str]:
    """The text after each burst: some are left out and put in later, some begin with other words."""
    bursts = _BURST.findall(text) or [text]
    due = {place: place for place in range(len(bursts))}
    for place in due:
        if 0 < place < len(bursts) - 4 and chance.random() < 0.08:
            due[place] = place + chance.randint(2, 4)
    there: set[int] = set()
    for now in range(len(bursts)):
        for place in [place for place, when in due.items() if when == now]:
            if chance.random() < 0.3:
                yield _joined(bursts, there) + chance.choice(bursts)
            there.add(place)
            yield _joined(bursts, there)
    yield text


def _joined(bursts: Sequence[str], there: set[int]) -> str:
    return "".join(burst for place, burst in enumerate(bursts) if place in there)


def _seconds(edits: Sequence[Edit]) -> float:
    return sum(edit.gap + edit.duration for edit in edits) / 10
