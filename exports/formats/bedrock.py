"""Amazon Bedrock conversation rows (schema bedrock-conversation-2024), JSON Lines."""

from exports.formats import reading
from exports.formats.types import JsonLines, Projection, Refused, Row
from exports.records import Record

# In a question or system text these make the whole job fail.
_RESERVED = ("User:", "Bot:", "Assistant:", "System:", "<image>", "<video>", "[EOS]")


class Bedrock(JsonLines):
    """Strictly alternating text; no other key is allowed."""

    slug = "bedrock"
    title = "Amazon Bedrock"
    version = 3
    drops = ("record id", "masks", "provenance", "verification", "governance")

    def project(self, record: Record) -> Projection:
        """One row."""
        reading.refuse_attachments(record)
        reading.refuse_tools(record)
        reading.refuse_masks(record)
        reading.refuse_chains(record)
        reading.refuse_silence(record)
        _refuse_reserved(record)
        row: Row = {"schemaVersion": "bedrock-conversation-2024"}
        if reading.system(record):
            row["system"] = [{"text": reading.system(record)}]
        row["messages"] = [
            {"role": message["role"], "content": [{"text": reading.text(message)}]}
            for message in reading.without_system(record)
        ]
        return Projection([row], reading.lost(record))


def _refuse_reserved(record: Record) -> None:
    for message in record.messages:
        said = reading.text(message) if message["role"] != "assistant" else ""
        if any(word in said for word in _RESERVED):
            raise Refused("a word that Amazon's models reserve, in a question or system text")
