"""From the rows of an approved revision to the canonical record: a pure mapping."""

import hashlib
import re
import string
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import orjson

from exports import records

_CALL_ID = re.compile(r"[A-Za-z0-9]{9}\Z")
_LETTERS = string.ascii_letters + string.digits
_KINDS = {"tool_calls": "tool_call"}
_CLASSES = ("A", "B", "C")

Json = dict[str, Any]


def moment(at: datetime) -> str:
    """UTC to the second, as every time in a record is written."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def conversation(instruction: Sequence[Json], target: Mapping[str, Any], author: str) -> list[Json]:
    """All messages of a record: the instruction's, which never train, then the target's."""
    before, written = _in_order(instruction, target)
    given = [message(m, f"m{i}", train=False) for i, m in enumerate(before, 1)]
    start = len(given) + 1
    made = [message(m, f"m{i}", train=True, author=author) for i, m in enumerate(written, start)]
    return given + made


def target_start(instruction: Sequence[Json], target: Mapping[str, Any]) -> int:
    """How many messages of `conversation` stand before the target."""
    return len(_in_order(instruction, target)[0])


def _in_order(
    instruction: Sequence[Json], target: Mapping[str, Any]
) -> tuple[list[Json], list[Json]]:
    """What stands before the target, and the target's own messages. The run of an agent opens with its
    setting, which belongs in front of all, and may go on after the agent's last word, where there is
    nothing to learn; the file beside the record holds all of it."""
    before = list(instruction)
    written = target.get("messages") or [{"role": "assistant", "content": target.get("text", "")}]
    if target.get("kind") != "trajectory":
        return before, written
    said = [place for place, one in enumerate(written, 1) if one["role"] == "assistant"]
    written = list(written[: said[-1]]) if said else list(written)
    if written[0]["role"] == "system" and all(one["role"] != "system" for one in before):
        before.insert(0, written.pop(0))
    return before, written


def message(raw: Json, name: str, *, train: bool, author: str = "") -> Json:
    """One message in canonical shape; only an assistant's can train, unless it says it must not."""
    assistant = raw["role"] == "assistant"
    weight = raw.get("weight", 1)
    shown: Json = {
        "id": name,
        "role": raw["role"],
        "parts": parts(raw.get("content")),
        "train": bool(assistant and train and raw.get("train", True)),
        "weight": weight if assistant else 1,
    }
    if assistant and raw.get("tool_calls"):
        shown["tool_calls"] = [call(c) for c in raw["tool_calls"]]
    if raw.get("tool_call_id"):
        shown["tool_call_id"] = call_id(raw["tool_call_id"])
    if raw.get("name") and raw["role"] == "tool":
        shown["name"] = raw["name"]
    reasoning = raw.get("reasoning") or raw.get("reasoning_content")
    # Reasoning that nobody let out stays home: a record travels as it is.
    if assistant and reasoning and raw.get("reasoning_publishable"):
        shown |= {"reasoning": reasoning, "reasoning_publishable": True}
    if assistant and raw.get("spans"):
        shown["spans"] = raw["spans"]
    if assistant and author:
        shown["author_ref"] = author
    return shown


def parts(content: Any) -> list[Json]:
    """Content as parts: a text is one part, byte for byte; no content is no part."""
    if content is None or content == "":
        return []
    if isinstance(content, str):
        return [{"type": "text", "text": content}]
    return [_part(part) for part in content]


def _part(part: Any) -> Json:
    if isinstance(part, str):
        return {"type": "text", "text": part}
    if part.get("type", "text") == "text":
        return {"type": "text", "text": part.get("text", "")}
    return {"type": part["type"], "attachment_id": str(part["attachment_id"])}


def call(raw: Json) -> Json:
    """A tool call, whichever of the two common shapes it came in."""
    said = raw.get("function", raw)
    return {
        "id": call_id(raw["id"]),
        "name": said["name"],
        "arguments": arguments(said["arguments"]),
    }


def arguments(raw: Any) -> Any:
    """Arguments as an object; files in OpenAI's shape give them as JSON text."""
    if not isinstance(raw, str):
        return raw
    try:
        return orjson.loads(raw or "{}")
    except orjson.JSONDecodeError:
        return raw


def call_id(raw: str) -> str:
    """An id of nine letters and digits: as it is where it is one, else made from it."""
    if _CALL_ID.match(raw):
        return raw
    number = int.from_bytes(hashlib.sha256(raw.encode()).digest()[:8])
    return "".join(_LETTERS[number // 62**place % 62] for place in range(9))


def tool(raw: Json) -> Json:
    """A tool definition, whichever of the two common shapes it came in."""
    said = raw.get("function", raw)
    shown = {
        key: said[key] for key in ("description", "name", "strict") if said.get(key) is not None
    }
    return shown | {"parameters": said.get("parameters") or {"type": "object", "properties": {}}}


def attachment(raw: Json) -> Json:
    """An attachment's facts; its bytes travel as attachments/<sha256>."""
    shown = {
        "id": str(raw.get("id") or raw["sha256"]),
        "sha256": raw["sha256"],
        "mime": raw.get("mime") or raw.get("media_type") or "application/octet-stream",
        "bytes": int(raw.get("bytes") or raw.get("size") or 0),
        "path": f"attachments/{raw['sha256']}",
    }
    return shown | {key: raw[key] for key in ("name", "rights") if raw.get(key)}


def target(raw: Mapping[str, Any], schema: Json, start: int) -> Json:
    """What the target is, and where in the conversation it begins."""
    shown: Json = {"kind": _KINDS.get(raw["kind"], raw["kind"]), "from_message": start}
    if schema:
        shown["schema"] = schema
    for key in ("object", "outcome", "native"):
        if raw.get(key) is not None:
            shown[key] = raw[key]
    return shown


def quality_class(given: str, *, adjudicated: bool, waived: bool) -> str:
    """The class a reviewer set, else A, or B after adjudication or with waived warnings."""
    if given in _CLASSES:
        return given
    return "B" if adjudicated or waived else "A"


def completed(data: Json) -> Json:
    """The record with its digest: the last step of freezing."""
    return data | {"content_sha256": records.content_sha256(data)}
