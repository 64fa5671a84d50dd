"""TRL `prompt` and `completion` rows for SFTTrainer, JSON Lines."""

from collections.abc import Mapping

from exports.formats import reading
from exports.formats.trl import TEXT, TURNS, reasoned, refuse_bent_arguments, typed_card
from exports.formats.types import JsonLines, Projection, Refused, Shelf
from exports.records import Record


class TrlPromptCompletion(JsonLines):
    """The target alone trains, split where it begins; it is the assistant's alone, since all of it trains."""

    slug = "trl-prompt-completion"
    title = "TRL prompt and completion"
    version = 3
    drops = ("message weights", "spans", "provenance", "verification", "governance")

    def project(self, record: Record) -> Projection:
        """One row."""
        reading.refuse_attachments(record)
        reading.refuse_spans(record)
        reading.refuse_fractions(record)
        reading.refuse_others(record.completion)
        refuse_bent_arguments(record.messages)
        if any(reading.trains(message) for message in record.prompt):
            raise Refused("a turn before the target trains too")
        if not all(map(reading.trains, record.completion)):
            raise Refused("an assistant message that must not train")
        turns = reasoned(record)
        row = {
            "prompt": turns[: len(record.prompt)],
            "completion": turns[len(record.prompt) :],
            "tools": reading.worded_tools(record),
        }
        return Projection([row], reading.lost(record, "reasoning", "strict tools"))

    def companions(self, shelf: Shelf) -> Mapping[str, bytes]:
        """A card that states the types, so that `load_dataset` on this folder infers nothing."""
        columns = {"prompt": TURNS, "completion": TURNS, "tools": TEXT}
        return {"README.md": typed_card(shelf, columns)}
