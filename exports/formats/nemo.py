"""NeMo AutoModel `ChatDataset` rows, JSON Lines."""

from exports.formats import reading
from exports.formats.types import JsonLines, Projection
from exports.records import Record


class Nemo(JsonLines):
    """Calls with arguments as text, results with their call id, reasoning under its own key."""

    slug = "nemo"
    title = "NeMo AutoModel"
    drops = ("record id", "masks", "provenance", "verification", "governance")

    def project(self, record: Record) -> Projection:
        """One row."""
        reading.refuse_attachments(record)
        reading.refuse_masks(record)
        row = {
            "messages": _turns(record),
            "tools": reading.worded_tools(record) or "[]",
        }
        return Projection([row], reading.lost(record, "reasoning", "strict tools"))


def _turns(record: Record) -> list[reading.Message]:
    worded = reading.chat(record, words=True)
    turns = zip(worded, record.messages, strict=True)
    return [_turn(turn, message) for turn, message in turns]


def _turn(turn: reading.Message, message: reading.Message) -> reading.Message:
    said = reading.reasoning(message)
    return {**turn, "reasoning_content": said} if said else turn
