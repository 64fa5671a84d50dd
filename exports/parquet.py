"""The two Parquet configurations of a release: `default` in plain types, `objects` in JSON values.

`default` carries no `huggingface` schema entry, so every version of `datasets` and plain pyarrow
load it. `objects` carries one with `List(Json())` (datasets 4.7 and newer), the only shape in which
tool arguments of different keys come back as they went in; its decimals are spelled for the reader
that takes those values apart. Writer settings are fixed: same rows,
same bytes for one version of pyarrow.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from exports import decimals, lines
from exports.formats import reading
from exports.records import Record

ROWS_A_GROUP = 1000
_WRITER = {
    "compression": "zstd",
    "compression_level": 1,
    "version": "2.6",
    "data_page_version": "1.0",
    # Texts hardly ever repeat: a dictionary of them is made and thrown away.
    "use_dictionary": ["domain", "type", "language", "quality_class", "messages.list.element.role"],
    "write_statistics": ["record_id", "revision", "domain", "type", "language", "difficulty"],
    "store_schema": True,
}


@dataclass(frozen=True)
class Shape:
    """What the records of a data set use at all: columns nobody needs are not written.

    An Arrow struct shows every key in every row, null where unused, and some chat templates take a
    key that is null for one that is set. A data set of plain text therefore has `role` and
    `content` alone.
    """

    tools: bool = False
    reasoning: bool = False
    masks: bool = False
    attachments: bool = False


class Columns:
    """One configuration: its Arrow schema and the row it makes of a record."""

    name: str

    def __init__(self, shape: Shape) -> None:
        self.shape = shape
        self.schema = self._schema()

    def _schema(self) -> pa.Schema:
        raise NotImplementedError

    def row(self, record: Record) -> dict[str, Any]:
        """The record as this configuration holds it."""
        raise NotImplementedError

    def features(self) -> list[dict[str, Any]]:
        """The columns in the spelling of a hub card's `dataset_info`."""
        raise NotImplementedError

    def _facts(self, record: Record) -> dict[str, Any]:
        task = record.data["task"]
        return {
            "record_id": record.record_id,
            "revision": record.data["revision"],
            **{key: task[key] for key in ("domain", "type", "language", "difficulty", "tags")},
            "quality_class": record.data["verification"]["quality_class"],
            "sample_weight": float(record.data["training"]["sample_weight"]),
        }


_FACT_COLUMNS = [
    ("record_id", pa.string()),
    ("revision", pa.int32()),
    ("domain", pa.string()),
    ("type", pa.string()),
    ("language", pa.string()),
    ("difficulty", pa.int32()),
    ("tags", pa.list_(pa.string())),
    ("quality_class", pa.string()),
    ("sample_weight", pa.float64()),
]
_FACT_FEATURES: list[dict[str, Any]] = [
    {"name": "record_id", "dtype": "string"},
    {"name": "revision", "dtype": "int32"},
    {"name": "domain", "dtype": "string"},
    {"name": "type", "dtype": "string"},
    {"name": "language", "dtype": "string"},
    {"name": "difficulty", "dtype": "int32"},
    {"name": "tags", "list": "string"},
    {"name": "quality_class", "dtype": "string"},
    {"name": "sample_weight", "dtype": "float64"},
]
_CALL = pa.struct(
    [
        ("id", pa.string()),
        ("type", pa.string()),
        ("function", pa.struct([("name", pa.string()), ("arguments", pa.string())])),
    ]
)
_SPAN = pa.struct([("start", pa.int32()), ("end", pa.int32()), ("train", pa.bool_())])
_SPAN_FEATURES = [
    {"name": "start", "dtype": "int32"},
    {"name": "end", "dtype": "int32"},
    {"name": "train", "dtype": "bool"},
]


class Default(Columns):
    """Configuration `default`: strings, lists and structs; arguments and tools as JSON text."""

    name = "default"

    def _schema(self) -> pa.Schema:
        message = [("role", pa.string()), ("content", pa.string())]
        if self.shape.tools:
            message += [("tool_calls", pa.list_(_CALL)), ("tool_call_id", pa.string())]
            message += [("name", pa.string())]
        if self.shape.reasoning:
            message += [("reasoning_content", pa.string())]
        if self.shape.masks:
            message += [("train", pa.bool_()), ("weight", pa.float64())]
            message += [("spans", pa.list_(_SPAN))]
        columns = [*_FACT_COLUMNS, ("messages", pa.list_(pa.struct(message)))]
        columns += [("tools", pa.string())] if self.shape.tools else []
        columns += [("attachments", pa.string())] if self.shape.attachments else []
        return pa.schema(columns)

    def row(self, record: Record) -> dict[str, Any]:
        """Facts, messages and, where the data set has them, tools and attachments as JSON text."""
        row = self._facts(record)
        row["messages"] = [self._message(message) for message in record.messages]
        if self.shape.tools:
            row["tools"] = reading.worded_tools(record)
        if self.shape.attachments:
            row["attachments"] = _attachments(record)
        return row

    def _message(self, message: reading.Message) -> dict[str, Any]:
        return _with_controls(message, _turn(message, words=True), self.shape)

    def features(self) -> list[dict[str, Any]]:
        """As a card states them."""
        message = [{"name": "role", "dtype": "string"}, {"name": "content", "dtype": "string"}]
        parts: list[dict[str, Any]] = list(message)
        if self.shape.tools:
            function = [
                {"name": "name", "dtype": "string"},
                {"name": "arguments", "dtype": "string"},
            ]
            call = [
                {"name": "id", "dtype": "string"},
                {"name": "type", "dtype": "string"},
                {"name": "function", "struct": function},
            ]
            parts += [{"name": "tool_calls", "list": call}]
            parts += [{"name": name, "dtype": "string"} for name in ("tool_call_id", "name")]
        if self.shape.reasoning:
            parts += [{"name": "reasoning_content", "dtype": "string"}]
        if self.shape.masks:
            parts += [{"name": "train", "dtype": "bool"}, {"name": "weight", "dtype": "float64"}]
            parts += [{"name": "spans", "list": _SPAN_FEATURES}]
        found = [*_FACT_FEATURES, {"name": "messages", "list": parts}]
        found += [{"name": "tools", "dtype": "string"}] if self.shape.tools else []
        return found + (
            [{"name": "attachments", "dtype": "string"}] if self.shape.attachments else []
        )


class Objects(Columns):
    """Configuration `objects`: each message, and the list of tools, as one JSON value."""

    name = "objects"

    def _schema(self) -> pa.Schema:
        columns = [*_FACT_COLUMNS, ("messages", pa.list_(pa.json_()))]
        columns += [("tools", pa.json_())] if self.shape.tools else []
        columns += [("attachments", pa.json_())] if self.shape.attachments else []
        info = {"info": {"features": self._typed()}}
        return pa.schema(columns, metadata={"huggingface": orjson.dumps(info)})

    def _typed(self) -> dict[str, Any]:
        typed: dict[str, Any] = {}
        for feature in self.features():
            kind = feature.get("list", feature.get("dtype"))
            value = {"_type": "Json"} if kind == "json" else {"dtype": kind, "_type": "Value"}
            many = {"feature": value, "_type": "List"}
            typed[feature["name"]] = many if "list" in feature else value
        return typed

    def row(self, record: Record) -> dict[str, Any]:
        """Facts, messages as JSON values and, where the data set has them, tools and attachments."""
        row = self._facts(record)
        row["messages"] = [lines.compact(self._message(message)) for message in record.messages]
        if self.shape.tools:
            row["tools"] = _exact_tools(record)
        if self.shape.attachments:
            row["attachments"] = _attachments(record)
        return row

    def _message(self, message: reading.Message) -> dict[str, Any]:
        turn = _with_controls(message, _turn(message, words=False), self.shape)
        exact = {
            key: decimals.spelled(turn[key]) for key in ("tool_calls", "weight") if key in turn
        }
        return turn | exact

    def features(self) -> list[dict[str, Any]]:
        """As a card states them."""
        found = [*_FACT_FEATURES, {"name": "messages", "list": "json"}]
        found += [{"name": "tools", "dtype": "json"}] if self.shape.tools else []
        return found + (
            [{"name": "attachments", "dtype": "json"}] if self.shape.attachments else []
        )


def configurations(shape: Shape) -> tuple[Default, Objects]:
    """Both configurations for a data set of this shape."""
    return Default(shape), Objects(shape)


class GroupWriter:
    """Writes records that come one at a time in groups of ROWS_A_GROUP, holding one group in memory."""

    def __init__(self, columns: Columns, target: Path) -> None:
        self._columns = columns
        self._writer = pq.ParquetWriter(target, columns.schema, **_WRITER)
        self._group: list[dict[str, Any]] = []

    def add(self, record: Record) -> None:
        """Take one record; a full group goes to the file."""
        self._group.append(self._columns.row(record))
        if len(self._group) == ROWS_A_GROUP:
            self._flush()

    def close(self) -> None:
        """Write what is left and the footer."""
        if self._group:
            self._flush()
        self._writer.close()

    def abandon(self) -> None:
        """Let go of the file, finished or not."""
        self._writer.close()

    def _flush(self) -> None:
        self._writer.write_table(_table(self._columns, self._group))
        self._group = []


def _table(columns: Columns, rows: list[Any]) -> pa.Table:
    arrays = [_array([row[entry.name] for row in rows], entry.type) for entry in columns.schema]
    return pa.Table.from_arrays(arrays, schema=columns.schema)


def _array(values: list[Any], kind: pa.DataType) -> pa.Array:
    """An Arrow array; pyarrow makes no JSON values from Python itself, so they go by way of text."""
    if kind == pa.json_():
        return pa.ExtensionArray.from_storage(kind, pa.array(values, pa.string()))
    if kind == pa.list_(pa.json_()):
        lists = pa.array(values, pa.list_(pa.string()))
        texts = pa.ExtensionArray.from_storage(pa.json_(), lists.values)
        return pa.ListArray.from_arrays(lists.offsets, texts)
    return pa.array(values, kind)


def _turn(message: reading.Message, *, words: bool) -> dict[str, Any]:
    # Words of a message that also shows a file leave alone; its attachments stand in their column.
    plain = {**message, "parts": [part for part in message["parts"] if part["type"] == "text"]}
    return reading.turn(plain, words=words, developer=True)


def _with_controls(message: reading.Message, turn: dict[str, Any], shape: Shape) -> dict[str, Any]:
    if reading.reasoning(message):
        turn["reasoning_content"] = reading.reasoning(message)
    if shape.masks:
        turn |= {"train": reading.trains(message), "weight": float(message["weight"])}
        if "spans" in message:
            turn["spans"] = message["spans"]
    return turn


def _exact_tools(record: Record) -> str | None:
    return lines.compact(decimals.spelled(reading.functions(record))) if record.tools else None


def _attachments(record: Record) -> str | None:
    return lines.compact(record.data["attachments"]) if record.data["attachments"] else None
