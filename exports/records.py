"""The canonical record: one approved revision as frozen data, its schema, its digest, its rules.

Shape: `record.schema.json` beside this file, which every release carries. Every other file of a
release is a pure function of these records.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import jsonschema_rs
import orjson
from jsonschema import Draft202012Validator

from exports import lines

SCHEMA_VERSION = 1
SCHEMA_BYTES = (Path(__file__).parent / "record.schema.json").read_bytes()
SPLITS = ("train", "validation", "test")

Data = Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class Record:
    """A record that holds: `data` follows the schema and the rules of `faults`.

    It is read by every format and changed by none, so what is read is taken out once.
    """

    data: Data
    said: dict[tuple[bool, bool], list[dict[str, Any]]] = field(default_factory=dict)
    """Its turns as most formats show them, filled by exports.formats.reading.chat."""

    @property
    def record_id(self) -> str:
        """The id, never used again for another record."""
        return str(self.data["record_id"])

    @cached_property
    def messages(self) -> list[dict[str, Any]]:
        """The whole conversation, target included."""
        return list(self.data["messages"])

    @cached_property
    def prompt(self) -> list[dict[str, Any]]:
        """The messages before the target."""
        return self.messages[: self.data["target"]["from_message"]]

    @cached_property
    def completion(self) -> list[dict[str, Any]]:
        """The messages of the target."""
        return self.messages[self.data["target"]["from_message"] :]

    @cached_property
    def tools(self) -> list[dict[str, Any]]:
        """The tools that the assistant could call."""
        return list(self.data["tools"])


def content_sha256(data: Data) -> str:
    """SHA-256, in hex, of messages, tools and attachment digests in RFC 8785 form: the diff key."""
    content = {
        "attachments": [attachment["sha256"] for attachment in data["attachments"]],
        "messages": data["messages"],
        "tools": data["tools"],
    }
    return hashlib.sha256(lines.canonical(content)).hexdigest()


# Values whose own key order may matter to a model: kept as written.
_AS_WRITTEN = frozenset({"arguments", "native", "object", "outcome", "parameters", "schema"})


def frozen(data: Data) -> bytes:
    """The bytes in which a record is kept: JSON, keys sorted, tool schemas and arguments as written."""
    return orjson.dumps(_ordered(data))


def _ordered(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: value[key] if key in _AS_WRITTEN else _ordered(value[key]) for key in sorted(value)
        }
    return [_ordered(part) for part in value] if isinstance(value, list) else value


def released(
    kept: bytes | str,
    *,
    split: str,
    mixture: list[str],
    sample_weight: float,
    alternatives: list[Any] | None = None,
) -> dict[str, Any]:
    """The record as one release carries it: `kept` plus where and how it trains there."""
    data: dict[str, Any] = orjson.loads(kept)
    controls = {"mixture": mixture, "sample_weight": sample_weight, "split": split}
    data["training"] = dict(sorted((data["training"] | controls).items()))
    if alternatives:
        data["alternatives"] = alternatives
    return data


@cache
def validator() -> Draft202012Validator:
    """The compiled schema, which says in words what is wrong."""
    return Draft202012Validator(orjson.loads(SCHEMA_BYTES))


@cache
def quick_validator() -> jsonschema_rs.Draft202012Validator:
    """The same schema in a validator that is a hundred times faster, for the many that hold."""
    return jsonschema_rs.Draft202012Validator(orjson.loads(SCHEMA_BYTES))


def faults(data: Data) -> list[str]:
    """Every reason why `data` is not a record, in plain words; empty when it is one."""
    unsafe = lines.fault(data)
    if unsafe:
        return [unsafe]
    return _shape_faults(data) or [
        *_conversation_faults(data["messages"]),
        *_target_faults(data),
    ]


def _shape_faults(data: Data) -> list[str]:
    if quick_validator().is_valid(data):
        return []
    return [
        f"{'.'.join(map(str, error.absolute_path)) or 'record'}: {error.message[:300]}"
        for error in validator().iter_errors(data)
    ]


def _conversation_faults(messages: list[dict[str, Any]]) -> Iterator[str]:
    """Rules that most consumers share, so they are rules of the record."""
    roles = [message["role"] for message in messages]
    if any(role in ("system", "developer") for role in roles[1:]):
        yield "a system message stands behind the first place"
    if "assistant" in roles and "user" not in roles[: roles.index("assistant")]:
        yield "the assistant speaks before any user"
    if roles[-1] != "assistant":
        yield "the last message is not the assistant's"
    if not any(_trains(message) for message in messages if message["role"] == "assistant"):
        yield "no assistant message is trained"
    if any(message["train"] for message in messages if message["role"] != "assistant"):
        yield "a message that is not the assistant's is trained"
    yield from _call_faults(messages)
    yield from _span_faults(messages)


def _trains(message: dict[str, Any]) -> bool:
    return bool(message["train"] and message["weight"] > 0)


def _span_faults(messages: list[dict[str, Any]]) -> Iterator[str]:
    for message in messages:
        length = sum(len(part.get("text", "")) for part in message["parts"])
        spans = message.get("spans", [])
        if any(not span["start"] < span["end"] <= length for span in spans):
            yield f"a span of message {message['id']} is empty or leads beyond its text"


def _call_faults(messages: list[dict[str, Any]]) -> Iterator[str]:
    waiting: set[str] = set()
    for message in messages:
        if message["role"] == "tool":
            if message.get("tool_call_id") not in waiting:
                yield f"message {message['id']} answers a call that nobody made"
            waiting.discard(message.get("tool_call_id", ""))
            continue
        if waiting:
            yield f"a call is not answered before message {message['id']}"
        made = [call["id"] for call in message.get("tool_calls", [])]
        waiting = set(made)
        if len(waiting) < len(made):
            yield f"two calls of message {message['id']} have the same id"
        if waiting and message["role"] != "assistant":
            yield f"message {message['id']} calls a tool but is not the assistant's"


def _target_faults(data: Data) -> Iterator[str]:
    start, messages = data["target"]["from_message"], data["messages"]
    if start >= len(messages):
        yield "the target starts behind the last message"
    elif not any(_trains(message) for message in messages[start:]):
        yield "no message of the target is trained"
    if data["content_sha256"] != content_sha256(data):
        yield "content_sha256 is not the digest of the content"
