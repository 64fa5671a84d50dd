"""ms-swift rows with a loss switch and scale for each message, JSON Lines."""

from exports.formats import reading
from exports.formats.types import JsonLines, Projection
from exports.records import Record


class Swift(JsonLines):
    """`loss` and `loss_scale` stand on assistant messages; every other key would be removed."""

    slug = "swift"
    title = "ms-swift"
    version = 2
    drops = ("record id", "spans", "provenance", "verification", "governance")

    def project(self, record: Record) -> Projection:
        """One row."""
        reading.refuse_attachments(record)
        reading.refuse_spans(record)
        reading.refuse_placeholders(record)
        row = {
            "messages": _turns(record),
            # An empty text would become one empty tool.
            "tools": reading.worded_tools(record) or "[]",
        }
        return Projection([row], reading.lost(record, "strict tools"))


def _turns(record: Record) -> list[reading.Message]:
    turns = zip(reading.chat(record, words=True), record.messages, strict=True)
    return [_turn(turn, message) for turn, message in turns]


def _turn(turn: reading.Message, message: reading.Message) -> reading.Message:
    if message["role"] != "assistant":
        return turn
    turn = {**turn, "loss": reading.trains(message)}
    if message["weight"] not in (0, 1):
        # A column that begins with whole numbers takes no fractions later.
        turn["loss_scale"] = float(message["weight"])
    return turn
