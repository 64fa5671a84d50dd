"""Mistral instruct rows (mistral-finetune, mistral-common), JSON Lines."""

from functools import lru_cache

import orjson
from jsonschema import Draft7Validator, SchemaError

from exports import lines
from exports.formats import reading
from exports.formats.types import JsonLines, Projection, Refused, Row
from exports.records import Record


class Mistral(JsonLines):
    """Call ids of nine letters and digits, words or calls but not both: every version takes that."""

    slug = "mistral"
    title = "Mistral"
    version = 2
    drops = ("record id", "provenance", "verification", "governance", "message ids")

    def project(self, record: Record) -> Projection:
        """One row."""
        reading.refuse_attachments(record)
        reading.refuse_spans(record)
        reading.refuse_fractions(record)
        if not all(_is_draft_7(lines.compact(tool["parameters"])) for tool in record.tools):
            raise Refused("tool parameters that JSON Schema draft 7 does not know")
        row: Row = {"messages": _turns(record)}
        if record.tools:
            row["tools"] = [_tool(tool) for tool in record.tools]
        return Projection([row], reading.lost(record))


def _turns(record: Record) -> list[reading.Message]:
    turns = zip(reading.chat(record, words=True), record.messages, strict=True)
    return [_turn(turn, message) for turn, message in turns]


def _turn(turn: reading.Message, message: reading.Message) -> reading.Message:
    if message["role"] != "assistant":
        return turn
    if turn["content"] and reading.calls(message):
        raise Refused("words beside a tool call")
    if not turn["content"] and not reading.calls(message):
        raise Refused("a message without words")
    return {**turn, "weight": int(reading.trains(message))}


@lru_cache(maxsize=256)
def _is_draft_7(parameters: str) -> bool:
    """Whether mistral-common takes this schema; many records share one."""
    try:
        Draft7Validator.check_schema(orjson.loads(parameters))
    except SchemaError:
        return False
    return True


def _tool(tool: Row) -> Row:
    # mistral-common knows no `strict`; a missing description is an empty one there.
    shown = {"name": tool["name"], "description": tool.get("description", "")}
    return {"type": "function", "function": shown | {"parameters": tool["parameters"]}}
