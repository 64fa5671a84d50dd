"""TRL preference pairs with an explicit prompt (DPO), JSON Lines."""

from collections.abc import Iterator, Mapping
from typing import Any

from exports.formats import reading
from exports.formats.trl import TEXT, TURNS, refuse_bent_arguments, typed_card
from exports.formats.types import JsonLines, Projection, Refused, Row, Shelf
from exports.records import Record

_COLUMNS = {
    "record_id": TEXT,
    "prompt": TURNS,
    "chosen": TURNS,
    "rejected": TURNS,
    "tools": TEXT,
    "pair_kind": TEXT,
    "reason": TEXT,
    "reason_codes": {"list": "string"},
    "edit_distance": {"dtype": "float64"},
    "length_ratio": {"dtype": "float64"},
}


class Dpo(JsonLines):
    """`prompt`, `chosen`, `rejected` as message lists, the last two the assistant's alone; marked with how
    the pair came to be."""

    slug = "dpo"
    title = "Preference pairs (TRL DPO)"
    version = 3
    drops = ("provenance", "verification", "governance", "message ids")

    def project(self, record: Record) -> Projection:
        """One row for each text that was not approved."""
        found = list(pairs(record))
        for _, rejected in found:
            # What is weighed against each other is all that stands behind the prompt.
            reading.refuse_others([*record.completion, *rejected])
            refuse_bent_arguments([*record.messages, *rejected])
        rows = [self._row(record, alternative, text) for alternative, text in found]
        return Projection(rows, reading.lost(record, "strict tools"))

    def companions(self, shelf: Shelf) -> Mapping[str, bytes]:
        """A card that states the types: pairs without codes or figures come first in some files."""
        return {"README.md": typed_card(shelf, _COLUMNS)}

    @staticmethod
    def _row(record: Record, alternative: Row, rejected: list[reading.Message]) -> Row:
        return {
            "record_id": record.record_id,
            "prompt": [reading.turn(message, words=False) for message in record.prompt],
            "chosen": [reading.turn(message, words=False) for message in record.completion],
            "rejected": [reading.turn(message, words=False) for message in rejected],
            "tools": reading.worded_tools(record),
            "pair_kind": alternative["pair_kind"],
            "reason": alternative["reason"],
            "reason_codes": alternative.get("reason_codes", []),
            "edit_distance": alternative.get("edit_distance"),
            "length_ratio": alternative.get("length_ratio"),
        }


def pairs(record: Record) -> Iterator[tuple[dict[str, Any], list[reading.Message]]]:
    """Each alternative with its messages; refuses a record without any that differs."""
    reading.refuse_attachments(record)
    chosen = [reading.turn(message, words=True) for message in record.completion]
    found = [
        (alternative, alternative["messages"])
        for alternative in record.data["alternatives"]
        if [reading.turn(message, words=True) for message in alternative["messages"]] != chosen
    ]
    if not found:
        raise Refused("no second text to compare with")
    reading.refuse_partly_trained(record)
    yield from found
