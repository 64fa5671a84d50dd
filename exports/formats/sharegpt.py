"""ShareGPT conversations: the classic file, JSON Lines."""

from exports import lines
from exports.formats import reading
from exports.formats.types import JsonLines, Projection
from exports.records import Record

SPEAKERS = {
    "system": "system",
    "developer": "system",
    "user": "human",
    "assistant": "gpt",
    "tool": "tool",
}


class ShareGpt(JsonLines):
    """`conversations` of `from` and `value`; system is a turn, tools are JSON text."""

    slug = "sharegpt"
    title = "ShareGPT"
    version = 3
    drops = ("masks", "call ids", "names", "provenance", "verification", "governance")

    def project(self, record: Record) -> Projection:
        """One row."""
        reading.refuse_attachments(record)
        reading.refuse_masks(record)
        reading.refuse_mixed_results(record)
        row = {
            "id": record.record_id,
            "conversations": turns(record.messages),
            # In every row: `datasets` fails at a column that first comes after ten megabytes.
            "tools": reading.worded_tools(record) or "[]",
        }
        return Projection([row], reading.lost(record, "strict tools"))


def turns(messages: list[reading.Message]) -> list[dict[str, str]]:
    """Each message as one turn; a message that calls tools is a `function_call` turn."""
    shown = []
    for message in messages:
        if reading.calls(message):
            shown.append({"from": "function_call", "value": call_text(message)})
        else:
            shown.append({"from": SPEAKERS[message["role"]], "value": reading.text(message)})
    return shown


def call_text(message: reading.Message) -> str:
    """The calls of one message as JSON text; refuses words beside them, which have no place."""
    if reading.text(message):
        raise reading.Refused("words beside a tool call")
    made = [{"name": c["name"], "arguments": c["arguments"]} for c in reading.calls(message)]
    return lines.compact(made[0] if len(made) == 1 else made)
