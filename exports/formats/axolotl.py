"""axolotl `chat_template` rows with a mask for each message, JSON Lines, and their YAML."""

from collections.abc import Mapping

import yaml

from exports.formats import reading
from exports.formats.types import JsonLines, Projection, Shelf
from exports.records import Record


class Axolotl(JsonLines):
    """Every assistant message says whether it trains; parts of a message by `train_detail`."""

    slug = "axolotl"
    title = "axolotl chat_template"
    version = 2
    drops = ("record id", "provenance", "verification", "governance")

    def project(self, record: Record) -> Projection:
        """One row; arguments and tools as JSON text, which axolotl parses before rendering."""
        reading.refuse_attachments(record)
        reading.refuse_fractions(record)
        row = {
            "messages": _turns(record),
            "tools": reading.worded_tools(record) or "[]",
        }
        return Projection([row], reading.lost(record, "reasoning", "strict tools"))

    def companions(self, shelf: Shelf) -> Mapping[str, bytes]:
        """`dataset.yaml`: the block for the `datasets` key of a training configuration."""
        block = [
            {
                "path": name,
                "ds_type": "json",
                "type": "chat_template",
                "field_messages": "messages",
                "field_tools": "tools",
                "message_property_mappings": {"role": "role", "content": "content"},
                "message_field_training": "train",
                "message_field_training_detail": "train_detail",
                "field_thinking": "reasoning_content",
                "roles_to_train": ["assistant"],
                "train_on_eos": "turn",
            }
            for split, name in shelf.files.items()
            if split == "train"
        ]
        return {"dataset.yaml": yaml.safe_dump({"datasets": block}, sort_keys=False).encode()}


def _turns(record: Record) -> list[reading.Message]:
    turns = zip(reading.chat(record, words=True), record.messages, strict=True)
    return [_turn(turn, message) for turn, message in turns]


def _turn(worded: reading.Message, message: reading.Message) -> reading.Message:
    # Nobody else's trains (`roles_to_train`). One key that not all turns have is what makes `datasets`
    # hold turns as JSON: as a struct, it fails at calls that first come after ten megabytes.
    if message["role"] != "assistant":
        return worded
    turn = {**worded, "train": reading.trains(message)}
    if reading.reasoning(message):
        turn["reasoning_content"] = reading.reasoning(message)
    if "spans" in message:
        turn["train_detail"] = [
            # axolotl counts the last character in; a record's span ends before `end`.
            {"begin_offset": s["start"], "end_offset": s["end"] - 1, "train": s["train"]}
            for s in message["spans"]
        ]
    return turn
