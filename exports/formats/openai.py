"""OpenAI chat fine-tuning, JSON Lines; Azure, Fireworks and Together read the same shape."""

from exports.formats import reading
from exports.formats.types import JsonLines, Projection, Refused, Row
from exports.records import Record

MOST_TOOLS = 128


class OpenAI(JsonLines):
    """Keys `messages`, `tools`, `parallel_tool_calls` and no other; `weight` is 0 or 1."""

    slug = "openai"
    title = "OpenAI chat"
    version = 2
    drops = ("record id", "provenance", "verification", "governance", "message ids")

    def project(self, record: Record) -> Projection:
        """One row."""
        reading.refuse_attachments(record)
        reading.refuse_spans(record)
        reading.refuse_fractions(record)
        # One message without words makes the checks of an upload refuse the whole file.
        reading.refuse_silence(record)
        if len(record.tools) > MOST_TOOLS:
            raise Refused(f"more than {MOST_TOOLS} tools")
        row: Row = {"messages": _weighted(record)}
        if record.tools:
            row["tools"] = reading.functions(record)
            if "parallel_tool_calls" in record.data:
                row["parallel_tool_calls"] = record.data["parallel_tool_calls"]
        kept = ("developer role", "parallel calls switch", "strict tools")
        return Projection([row], reading.lost(record, *kept))


def _weighted(record: Record) -> list[reading.Message]:
    """The turns with their weights said outright: absent would count as trained."""
    turns = zip(reading.chat(record, words=True, developer=True), record.messages, strict=True)
    return [_turn(turn, message) for turn, message in turns]


def _turn(turn: reading.Message, message: reading.Message) -> reading.Message:
    if message["role"] == "assistant":
        return {**turn, "weight": int(reading.trains(message))}
    return {key: value for key, value in turn.items() if key != "name"} if "name" in turn else turn
