"""Gemini supervised tuning, JSON Lines."""

from typing import Any

import orjson

from exports.formats import reading
from exports.formats.types import JsonLines, Projection, Row
from exports.records import Record


class Gemini(JsonLines):
    """`contents` of user and model; results of parallel calls stand together in one content."""

    slug = "gemini"
    title = "Gemini tuning"
    version = 3
    drops = ("record id", "masks", "call ids", "provenance", "verification", "governance")

    def project(self, record: Record) -> Projection:
        """One row."""
        reading.refuse_attachments(record)
        reading.refuse_masks(record)
        reading.refuse_mixed_results(record)
        reading.refuse_silence(record)
        row: Row = {"contents": _contents(record)}
        if reading.system(record):
            row = {"systemInstruction": {"parts": [{"text": reading.system(record)}]}} | row
        if record.tools:
            row["tools"] = [{"functionDeclarations": [_declared(t) for t in record.tools]}]
        return Projection([row], reading.lost(record, "developer role"))


def _contents(record: Record) -> list[Row]:
    # The same id may stand for another tool in a later turn, so names are read as they come.
    names: dict[str, str] = {}
    contents: list[Row] = []
    for message in reading.without_system(record):
        if message["role"] == "tool":
            part = {"functionResponse": _result(message, names[message["tool_call_id"]])}
            if contents[-1]["role"] == "user" and "functionResponse" in contents[-1]["parts"][0]:
                contents[-1]["parts"].append(part)
            else:
                contents.append({"role": "user", "parts": [part]})
        else:
            names |= {call["id"]: call["name"] for call in reading.calls(message)}
            role = "model" if message["role"] == "assistant" else "user"
            contents.append({"role": role, "parts": _parts(message)})
    return contents


def _parts(message: reading.Message) -> list[Row]:
    made = [
        {"functionCall": {"name": call["name"], "args": call["arguments"]}}
        for call in reading.calls(message)
    ]
    words = reading.text(message)
    return [{"text": words}, *made] if words or not made else list(made)


def _result(message: reading.Message, name: str) -> Row:
    return {"name": name, "response": _as_object(reading.text(message))}


def _as_object(text: str) -> Any:
    """A result that is a JSON object as it is; any other under `output`, as Google's guide does."""
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        return {"output": text}
    # Numbers that would not come back as they were written keep their text.
    return (
        value
        if isinstance(value, dict) and orjson.dumps(value).decode() == text
        else {"output": text}
    )


# What Google's own `Schema` knows; a schema that says more goes under the key for JSON Schema.
_SCHEMA = frozenset(
    [
        "type",
        "format",
        "title",
        "description",
        "nullable",
        "default",
        "items",
        "minItems",
        "maxItems",
        "enum",
        "properties",
        "required",
        "minProperties",
        "maxProperties",
        "minimum",
        "maximum",
        "minLength",
        "maxLength",
        "pattern",
        "example",
        "anyOf",
    ]
)


def _declared(tool: Row) -> Row:
    shown = {key: tool[key] for key in ("name", "description") if key in tool}
    key = "parameters" if _is_plain(tool["parameters"]) else "parametersJsonSchema"
    return shown | {key: tool["parameters"]}


def _is_plain(schema: Any) -> bool:
    """Whether Google's `Schema` can hold all of it."""
    if not isinstance(schema, dict) or not _SCHEMA.issuperset(schema):
        return False
    parts, choices, values = (
        schema.get("properties", {}),
        schema.get("anyOf", []),
        schema.get("enum", []),
    )
    if not (isinstance(parts, dict) and isinstance(choices, list) and isinstance(values, list)):
        return False
    below = [*parts.values(), *choices, *([schema["items"]] if "items" in schema else [])]
    texts = [schema.get("type", ""), *values]
    return all(isinstance(text, str) for text in texts) and all(map(_is_plain, below))
