"""Amazon Bedrock conversation rows (schema bedrock-conversation-2024), JSON Lines."""

from exports.formats import reading
from exports.formats.types import JsonLines, Projection, Row
from exports.records import Record


class Bedrock(JsonLines):
    """Strictly alternating text; no other key is allowed."""

    slug = "bedrock"
    title = "Amazon Bedrock"
    version = 2
    drops = ("record id", "masks", "provenance", "verification", "governance")

    def project(self, record: Record) -> Projection:
        """One row."""
        reading.refuse_attachments(record)
        reading.refuse_tools(record)
        reading.refuse_masks(record)
        reading.refuse_chains(record)
        reading.refuse_silence(record)
        row: Row = {"schemaVersion": "bedrock-conversation-2024"}
        if reading.system(record):
            row["system"] = [{"text": reading.system(record)}]
        row["messages"] = [
            {"role": message["role"], "content": [{"text": reading.text(message)}]}
            for message in reading.without_system(record)
        ]
        return Projection([row], reading.lost(record))
