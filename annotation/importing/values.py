"""What one field of a row says: a cell, or a value of a record, as the part of an instruction it stands for."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from annotation.importing.rows import RowRefused

_LEVELS = {"very easy": 1, "easy": 2, "medium": 3, "hard": 4, "very hard": 5}


def as_text(value: Any, field: str) -> str:
    """A cell as text; raises RowRefused for lists, objects and binary data."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return "\n\n".join(value)
    if isinstance(value, (list, Mapping, bytes)):
        kind = {list: "a list", bytes: "binary data"}.get(type(value), "an object")
        raise RowRefused(field, f"Text is expected here, this is {kind}.", value)
    return str(value)


def decoded(value: Any) -> Any:
    """JSON that a table holds in a cell, as what it says; any other text as it is."""
    if isinstance(value, str) and value[:1] in {"[", "{"}:
        try:
            return orjson.loads(value)
        except orjson.JSONDecodeError:
            return value
    return value


def evidence_of(value: Any) -> list[dict[str, str]]:
    """[{"title", "text", "url"?}]: a passage, a list of passages, or a table in rows."""
    value = decoded(value)
    if value is None or value in ("", []):
        return []
    if isinstance(value, list) and all(isinstance(part, list) for part in value):
        value = [_markdown_table(value)]
    parts = value if isinstance(value, list) else [value]
    found = []
    for part in parts:
        if isinstance(part, Mapping):
            named = {name: str(part[name]) for name in ("title", "text", "url") if part.get(name)}
            found.append({"title": "", **named})
        else:
            found.append({"title": "", "text": as_text(part, "evidence")})
    return found


def _markdown_table(rows: Sequence[Sequence[Any]]) -> str:
    lines = [
        "| " + " | ".join(as_text(cell, "evidence").replace("|", "\\|") for cell in row) + " |"
        for row in rows
    ]
    return "\n".join([lines[0], "|" + "---|" * len(rows[0]), *lines[1:]])


def tools_of(value: Any) -> list[Any]:
    """A list of tool schemas, also one alone or as JSON in a cell."""
    value = decoded(value)
    if value in (None, ""):
        return []
    if isinstance(value, Mapping):
        value = [value]
    if not isinstance(value, list) or not all(isinstance(tool, Mapping) for tool in value):
        raise RowRefused("tools", "A list of tool schemas is expected here.", value)
    return [_with_schema(tool) for tool in value]


# What some benchmarks call the types of JSON Schema; a schema that uses these words checks nothing.
_TYPES = {"dict": "object", "float": "number", "tuple": "array"}


def _with_schema(tool: Mapping[str, Any]) -> dict[str, Any]:
    """A tool whose parameters are JSON Schema also where its maker wrote the names of Python's types."""
    made = dict(tool)
    for name, part in tool.items():
        if name == "function" and isinstance(part, Mapping):
            made[name] = _with_schema(part)
        elif name == "parameters":
            made[name] = _schema(part)
    return made


def _schema(part: Any) -> Any:
    """A schema with the names of its types put right, all the way down; `any` says nothing, so it goes."""
    if not isinstance(part, Mapping):
        return part
    made = dict(part)
    kind = made.get("type")
    if isinstance(kind, str):
        made["type"] = _TYPES.get(kind, kind)
    if kind == "any":
        del made["type"]
    if isinstance(made.get("properties"), Mapping):
        made["properties"] = {name: _schema(one) for name, one in made["properties"].items()}
    for name in ("items", "additionalProperties"):
        if name in made:
            made[name] = _schema(made[name])
    return made


def object_of(value: Any, field: str) -> Mapping[str, Any]:
    """A JSON object, also as text in a cell; empty for nothing."""
    value = decoded(value)
    if value in (None, ""):
        return {}
    if not isinstance(value, Mapping):
        raise RowRefused(field, "A JSON object is expected here.", value)
    return value


def named_of(value: Any, name: str) -> dict[str, Any]:
    """An object as it is; anything else as text under `name`."""
    value = decoded(value)
    if value in (None, ""):
        return {}
    return dict(value) if isinstance(value, Mapping) else {name: as_text(value, name)}


def difficulty_of(value: Any) -> int:
    """1 to 5, from a number or a word; 3 for nothing."""
    if value in (None, ""):
        return 3
    level = _LEVELS.get(str(value).strip().lower())
    return level or whole_of(value, "difficulty", 1, 5) or 3


def whole_of(value: Any, field: str, low: int, high: int) -> int | None:
    """A whole number within both ends, None for nothing."""
    if value in (None, ""):
        return None
    try:
        number = int(str(value).strip())
    except ValueError:
        number = low - 1
    if not low <= number <= high:
        raise RowRefused(field, f"A whole number from {low} to {high} is expected here.", value)
    return number


def tags_of(value: Any) -> list[str]:
    """At most fifty words, each once, from a list or from text with commas."""
    value = decoded(value)
    if value is None:
        return []
    words = value if isinstance(value, list) else as_text(value, "tags").split(",")
    tags = [as_text(word, "tags").strip()[:80] for word in words]
    return list(dict.fromkeys(tag for tag in tags if tag))[:50]
