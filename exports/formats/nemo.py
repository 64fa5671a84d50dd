"""NeMo AutoModel `ChatDataset` rows, JSON Lines."""

from exports.formats import reading
from exports.formats.trl import reasoned_turn
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
            "messages": [_turn(message) for message in record.messages],
            "tools": reading.worded_tools(record) or "[]",
        }
        return Projection([row], reading.lost(record, "reasoning", "strict tools"))


def _turn(message: reading.Message) -> reading.Message:
    worded = reading.turn(message, words=True)
    return reasoned_turn(message) | worded
