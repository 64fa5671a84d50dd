"""torchtune `chat_dataset` rows in the openai conversation style, JSON Lines."""

from exports.formats import reading
from exports.formats.types import JsonLines, Projection
from exports.records import Record


class Torchtune(JsonLines):
    """Text turns that alternate: torchtune has no tools and no masks, and stops at two in a row."""

    slug = "torchtune"
    title = "torchtune"
    version = 2
    drops = ("record id", "provenance", "verification", "governance")

    def project(self, record: Record) -> Projection:
        """One row."""
        reading.refuse_attachments(record)
        reading.refuse_tools(record)
        reading.refuse_masks(record)
        reading.refuse_chains(record)
        return Projection([{"messages": reading.chat(record, words=True)}], reading.lost(record))
