"""Mistral instruct rows (mistral-finetune, mistral-common), JSON Lines."""

from exports.formats import reading
from exports.formats.types import JsonLines, Projection, Refused, Row
from exports.records import Record


class Mistral(JsonLines):
    """Call ids of nine letters and digits, words or calls but not both: every version takes that."""

    slug = "mistral"
    title = "Mistral"
    drops = ("record id", "provenance", "verification", "governance", "message ids")

    def project(self, record: Record) -> Projection:
        """One row."""
        reading.refuse_attachments(record)
        reading.refuse_spans(record)
        reading.refuse_fractions(record)
        row: Row = {"messages": [_turn(message) for message in record.messages]}
        if record.tools:
            row["tools"] = [_tool(tool) for tool in record.tools]
        return Projection([row], reading.lost(record))


def _turn(message: reading.Message) -> reading.Message:
    if reading.calls(message) and reading.text(message):
        raise Refused("words beside a tool call")
    turn = reading.turn(message, words=True)
    if message["role"] == "assistant":
        turn["weight"] = int(reading.trains(message))
    return turn


def _tool(tool: Row) -> Row:
    # mistral-common knows no `strict`; a missing description is an empty one there.
    shown = {"name": tool["name"], "description": tool.get("description", "")}
    return {"type": "function", "function": shown | {"parameters": tool["parameters"]}}
