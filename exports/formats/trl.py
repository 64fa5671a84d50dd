"""TRL `messages` rows for SFTTrainer, JSON Lines."""

from collections.abc import Iterable, Mapping

import yaml

from exports import decimals
from exports.formats import reading
from exports.formats.types import JsonLines, Projection, Refused, Shelf
from exports.records import Record


class Trl(JsonLines):
    """Whole conversations in which every assistant message trains; arguments are objects."""

    slug = "trl"
    title = "TRL messages"
    version = 2
    drops = ("message weights", "spans", "provenance", "verification", "governance")

    def project(self, record: Record) -> Projection:
        """One row; tools as JSON text, because Arrow would pad differing schemas with nulls."""
        reading.refuse_attachments(record)
        reading.refuse_masks(record)
        refuse_bent_arguments(record.messages)
        row = {
            "messages": reasoned(record),
            "tools": reading.worded_tools(record),
        }
        return Projection([row], reading.lost(record, "reasoning", "strict tools"))

    def companions(self, shelf: Shelf) -> Mapping[str, bytes]:
        """A card that states the types, so that `load_dataset` on this folder infers nothing."""
        return {"README.md": typed_card(shelf, {"messages": TURNS, "tools": TEXT})}


def reasoned(record: Record) -> list[reading.Message]:
    """The turns of `reading.chat`, reasoning included."""
    turns = reading.chat(record, words=False)
    if not any("reasoning" in message for message in record.messages):
        return turns
    return [reasoned_turn(message) for message in record.messages]


def reasoned_turn(message: reading.Message) -> reading.Message:
    """A turn with its reasoning under the key that chat templates read."""
    turn = reading.turn(message, words=False)
    if reading.reasoning(message):
        turn["reasoning_content"] = reading.reasoning(message)
    return turn


def refuse_bent_arguments(messages: Iterable[reading.Message]) -> None:
    """For folders that `datasets` reads for TRL, whose arguments are objects."""
    for message in messages:
        for call in reading.calls(message):
            if _holds_null(call["arguments"]):
                # TRL takes null values out of nested columns, so such an argument would vanish.
                raise Refused("a tool argument that is null")
            if not decimals.survive(call["arguments"]):
                raise Refused(
                    "a decimal in a tool argument that `datasets` reads as another number"
                )


def _holds_null(value: object) -> bool:
    if isinstance(value, dict):
        return any(_holds_null(part) for part in value.values())
    if isinstance(value, list):
        return any(_holds_null(part) for part in value)
    return value is None


TURNS = {"list": "json"}
TEXT = {"dtype": "string"}


def typed_card(shelf: Shelf, columns: Mapping[str, Mapping[str, str]]) -> bytes:
    """A card with one configuration, which states the type of each column."""
    features = [{"name": name, **kind} for name, kind in columns.items()]
    files = [{"split": split, "path": name} for split, name in shelf.files.items()]
    head = {
        "configs": [{"config_name": "default", "data_files": files}],
        # `datasets` caches a local folder by its name and this block: without something of the content
        # in it, the second version that somebody loads would silently be the first one.
        "dataset_info": {
            "config_name": "default",
            "description": f"{shelf.dataset} {shelf.fingerprint}",
            "features": features,
        },
    }
    return f"---\n{yaml.safe_dump(head, sort_keys=False)}---\n".encode()
