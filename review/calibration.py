"""Which of the known flaws of a calibration item a reviewer saw: pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from review.enums import Mark, Verdict

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


def is_caught(flaws: Sequence[Any], caught: Sequence[int], verdict: str) -> bool:
    """Whether the reviewer did right: some flaw seen, or a sound response let pass."""
    return bool(caught) if flaws else verdict == Verdict.APPROVE


def _touched(passage: str, quotes: Sequence[str]) -> bool:
    return bool(passage) and any(passage in quote or quote in passage for quote in quotes if quote)
