"""What a writing log tells about how a text came about: figures, plain words, and what else explains them.

Pure. Nothing here decides anything: the figures are evidence for people, never a verdict or a score.
The bands come from a re-analysis of 500 authentic and 500 transcribed essays (see docs/adr/0027).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from annotation.writing_log import KINDS, Edit, spans, splice

# A gap longer than this (tenths of a second) is not working time; a pause of two seconds is thinking.
IDLE = 600
PAUSE = 20
CODE = {kind: number for number, kind in enumerate(KINDS)}
COMPOSED = {"typed", "composed", "completed", "replaced"}
FOREIGN = {"pasted", "dropped"}
SHARES = {
    "composed": COMPOSED,
    "pasted": FOREIGN,
    "quoted": {"quoted"},
    "moved": {"moved"},
    "suggested": {"suggested"},  # a reviewer's words: an accepted edit, a repair of form
    "other": {"undone", "deleted", "restored", "merged", "other", "redacted"},
}
SHORTEST_JUDGED = 150  # words; below this timing says nothing
FEW_WORDS_MATCHED = 12  # characters; shorter insertions are found everywhere by chance


@dataclass(frozen=True)
class Batch:
    """One batch as the server has it."""

    received_at: datetime
    session: str
    edits: list[Edit]


class Origins:
    """The text of one field with, for every code unit, how it came there."""

    def __init__(self) -> None:
        self.text = bytearray()
        self.origin = bytearray()
        self.seen: list[str] = []

    def apply(self, edit: Edit, given: Sequence[str]) -> list[tuple[int, int, str, str]]:
        """Carry out an edit; returns (from, to, inserted, origin) of each replacement."""
        assert edit.changes is not None
        found = []
        before = self.plain() if edit.kind in FOREIGN else ""
        for start, end, inserted in spans(edit.changes, len(self.origin)):
            kind = self._kind(edit.kind, inserted, before, given)
            found.append((start, end, inserted, kind))
        for start, end, inserted, kind in reversed(found):
            removed = self.text[start * 2 : end * 2]
            if len(removed) >= FEW_WORDS_MATCHED * 2:
                self.seen.append(bytes(removed).decode("utf-16-le", "replace"))
            units = len(inserted.encode("utf-16-le", "surrogatepass")) // 2
            splice(self.text, [(start, end, inserted)])
            self.origin[start:end] = bytes([CODE[kind]]) * units
        return found

    def plain(self) -> str:
        return bytes(self.text).decode("utf-16-le", "replace")

    def _kind(self, kind: str, inserted: str, before: str, given: Sequence[str]) -> str:
        """A paste of what stood here before is a move, of what was given a quotation."""
        if kind not in FOREIGN:
            return kind
        words = inserted.strip()
        if words and (words in before or any(words in earlier for earlier in self.seen)):
            return "moved"
        if len(words) >= FEW_WORDS_MATCHED and any(
            _squeezed(words) in _squeezed(text) for text in given
        ):
            return "quoted"
        return kind


def _squeezed(text: str) -> str:
    return " ".join(text.split())


def summarise(
    batches: Sequence[Batch],
    *,
    given: Sequence[str] = (),
    declared: Sequence[Mapping[str, Any]] = (),
    assistive: bool = False,
) -> dict[str, Any]:
    """The summary of one log.

    `given` are the texts of the instruction and its evidence, `declared` what the author said about
    pasted text ({"quote", "length", "origin"}). With `assistive` no timing is derived at all.
    Shares are of the final text in percent, times in minutes, rates per 100 words.
    """
    fields: dict[str, Origins] = {}
    tally = _Tally()
    for batch in batches:
        for edit in batch.edits:
            tally.time(edit)
            if edit.changes is None:
                continue
            origins = fields.setdefault(edit.field, Origins())
            length = len(origins.origin)
            tally.count(edit, origins.apply(edit, given), length)
    origin = b"".join(bytes(one.origin) for one in fields.values())
    text = "\n".join(one.plain() for one in fields.values())
    words = len(text.split())
    summary: dict[str, Any] = {
        "characters": len(origin),
        "words": words,
        "shares": _shares(origin),
        "largest_insertion": tally.largest,
        "largest_insertion_kind": tally.largest_kind,
        "undeclared_paste": _undeclared(origin, declared),
        "declared_pastes": [dict(row) for row in declared],
        "kept_of_produced": _percent(len(origin), tally.produced),
        "insertions_elsewhere": _per_hundred(tally.elsewhere, words),
        "revisions": _per_hundred(tally.deletions, words),
        "sittings": _sittings(batches),
        "edits": tally.edits,
    }
    if not assistive:
        summary |= {
            "active_minutes": round(tally.active / 600, 1),
            "away_minutes": round(tally.away / 600, 1),
            "pause_share": _percent(tally.paused, tally.active),
        }
    summary["notices"] = _notices(summary, assistive=assistive)
    return summary


class _Tally:
    """Counts over the edits in order."""

    def __init__(self) -> None:
        self.active = self.paused = self.away = self.edits = 0
        self.produced = self.elsewhere = self.deletions = self.largest = 0
        self.largest_kind = ""
        self.is_away = False

    def time(self, edit: Edit) -> None:
        if self.is_away:
            self.away += edit.gap
        elif edit.gap <= IDLE and edit.kind != "opened":
            self.active += edit.gap
            self.paused += edit.gap if edit.gap >= PAUSE else 0
        self.active += min(edit.duration, IDLE)
        if edit.kind in {"away", "back", "opened"}:
            self.is_away = edit.kind == "away"

    def count(self, edit: Edit, replaced: list[tuple[int, int, str, str]], length: int) -> None:
        self.edits += 1
        for start, end, inserted, kind in replaced:
            self.produced += len(inserted)
            if inserted and len(inserted) > self.largest:
                self.largest, self.largest_kind = len(inserted), kind
            if inserted and end < length and kind in COMPOSED:
                self.elsewhere += 1
            if end > start:
                self.deletions += 1


def _shares(origin: bytes) -> dict[str, float]:
    counted = {kind: origin.count(code) for kind, code in CODE.items()}
    return {
        name: _percent(sum(counted[kind] for kind in kinds), len(origin))
        for name, kinds in SHARES.items()
    }


def _undeclared(origin: bytes, declared: Sequence[Mapping[str, Any]]) -> float:
    """Share of the text that was pasted from elsewhere and about which the author said nothing."""
    pasted = sum(origin.count(CODE[kind]) for kind in FOREIGN)
    told = sum(int(row.get("length", 0)) for row in declared if row.get("origin"))
    return _percent(max(pasted - told, 0), len(origin))


def _sittings(batches: Sequence[Batch]) -> int:
    """Stretches of work with less than ten minutes between two saves, by the server's clock."""
    moments = [batch.received_at for batch in batches if any(edit.changes for edit in batch.edits)]
    breaks = sum((later - earlier).total_seconds() > 600 for earlier, later in pairwise(moments))
    return breaks + 1 if moments else 0


def _notices(summary: Mapping[str, Any], *, assistive: bool) -> list[str]:
    """The two patterns that are worth a question. Everything else is shown, not pointed at."""
    notices = []
    if summary["undeclared_paste"] > 20:
        notices.append("undeclared_paste")
    linear = (
        not assistive
        and summary["words"] >= SHORTEST_JUDGED
        and summary["shares"]["composed"] > 50
        and summary["pause_share"] < 20
        and summary["insertions_elsewhere"] < 0.5
    )
    if linear:
        notices.append("transcription")
    return notices


@dataclass(frozen=True)
class Reading:
    """One line of the summary in plain words: what it is, its value, what it means, what else explains it."""

    name: str
    value: str
    meaning: str
    innocent: str = ""
    ask: bool = False


def readings(summary: Mapping[str, Any]) -> list[Reading]:
    """The summary for people. Empty where there is none (an older or unreadable log, repaired or not)."""
    if "shares" not in summary:
        return []
    return _shares_in_words(summary) + _revising(summary) + _timing(summary)


def _shares_in_words(summary: Mapping[str, Any]) -> list[Reading]:
    """Where the words of the final text came from."""
    shares = {name: f"{share:.0f} %" for name, share in summary["shares"].items()}
    return [
        Reading(
            "Composed here",
            shares["composed"],
            "Typed, dictated, completed or corrected in this editor.",
            "Someone who copies another text by hand also types it: this shows where the words were put "
            "down, not who thought of them.",
        ),
        Reading(
            "Quoted",
            shares["quoted"],
            "Taken from the instruction, its evidence or a named source. Quoting is part of the work.",
        ),
        Reading(
            "Pasted from elsewhere",
            shares["pasted"],
            _pasted_words(summary),
            "Drafting in another program, one's own notes, code that was run, a citation manager.",
            ask="undeclared_paste" in summary["notices"],
        ),
        Reading(
            "Moved within the text",
            shares["moved"],
            "Cut and put somewhere else: a sign of revising.",
        ),
        Reading(
            "Largest insertion",
            f"{summary['largest_insertion']} characters, {summary['largest_insertion_kind'] or 'none'}",
            "The longest piece of text that arrived at once.",
            "Dictation, handwriting input and autocorrect put in whole sentences at once.",
        ),
    ]


def _revising(summary: Mapping[str, Any]) -> list[Reading]:
    """How much the text was worked over."""
    return [
        Reading(
            "Kept",
            f"{summary['kept_of_produced']:.0f} %",
            "Of everything that was put in, what is still there. People who compose usually keep 67 to "
            "94 %, people who copy a text 92 to 98 %.",
            "Experts who know what they want to say, and short answers, need few changes.",
        ),
        Reading(
            "Revisions",
            f"{summary['revisions']:.1f} per 100 words",
            "How often something was taken out. Usual when composing: 12 to 47, when copying: 6 to 26.",
            "Planning on paper; a practised answer.",
        ),
        Reading(
            "Insertions away from the end",
            f"{summary['insertions_elsewhere']:.1f} per 100 words",
            "How often the writer went back to add something. Usual when composing: 0.5 to 17, when "
            "copying: 0 to 2.5.",
            "Some people write straight through.",
        ),
    ]


def _pasted_words(summary: Mapping[str, Any]) -> str:
    declared = [row for row in summary["declared_pastes"] if row.get("origin")]
    if not summary["shares"]["pasted"]:
        return "Nothing in the text was pasted from outside."
    if not declared:
        return "Put in from outside this editor; the author did not say from where."
    origins = ", ".join(sorted({str(row["origin"]) for row in declared}))
    return f"Put in from outside this editor. The author says: {origins}."


def _timing(summary: Mapping[str, Any]) -> list[Reading]:
    if "active_minutes" not in summary:
        return [
            Reading(
                "Timing",
                "not shown",
                "The author uses assistive input, so timing says nothing here.",
            )
        ]
    return [
        Reading(
            "Active time",
            _active(summary),
            "Time with less than a minute between two changes, on this page.",
            "Reading, calculating and looking things up elsewhere is work too and is not counted.",
        ),
        Reading(
            "Time in pauses",
            f"{summary['pause_share']:.0f} %",
            "Of the active time, pauses of two seconds and more. Usual when composing: 45 to 74 %, when "
            "copying: 6 to 51 %.",
            "Fast typists, prepared answers, and repairs of a few words have few pauses.",
            ask="transcription" in summary["notices"],
        ),
    ]


def _active(summary: Mapping[str, Any]) -> str:
    minutes, sittings = summary["active_minutes"], summary["sittings"]
    spent = f"{minutes:.0f} min" if minutes >= 1 else "under a minute"
    return f"{spent} in {sittings} {'sitting' if sittings == 1 else 'sittings'}"


def _percent(part: float, whole: float) -> float:
    return round(100 * part / whole, 1) if whole else 0.0


def _per_hundred(count: int, words: int) -> float:
    return round(100 * count / words, 2) if words else 0.0
