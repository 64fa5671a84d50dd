"""Trajectories of agents in the forms in which their makers write them: read into chat messages.

One format a file, each with `matches(value) -> bool` and `messages(value) -> list`. The file itself is kept
byte for byte beside what is read here.
"""

import hashlib
import json
import re
import string
from dataclasses import dataclass
from typing import Any, Protocol

from annotation.errors import NativeUnreadable
from annotation.native import bfcl, openhands, swe_agent, tau_bench, tooltalk

LARGEST = 25 * 1024 * 1024
MOST_STEPS = 5_000
LETTERS = string.ascii_letters + string.digits
NINE = re.compile(r"[A-Za-z0-9]{9}")
NAME = re.compile(r"[^A-Za-z0-9_-]")


class Format(Protocol):
    """What a module of this package offers."""

    NAME: str

    def matches(self, value: Any) -> bool: ...

    def messages(self, value: Any) -> list[dict[str, Any]]: ...


FORMATS: tuple[Format, ...] = (swe_agent, openhands, tau_bench, tooltalk, bfcl)


@dataclass(frozen=True)
class Native:
    """A trajectory as read: which format it was, and its messages in canonical shape."""

    format: str
    messages: list[dict[str, Any]]


def read_native(data: bytes) -> Native:
    """The trajectory in `data`; raises NativeUnreadable saying why not."""
    if len(data) > LARGEST:
        raise NativeUnreadable("The file is larger than 25 MB.")
    value = _parsed(data)
    for form in FORMATS:
        try:
            if not form.matches(value):
                continue
            found = form.messages(value)
        except (KeyError, TypeError, AttributeError, IndexError, ValueError) as problem:
            raise NativeUnreadable(
                f"This looks like {form.NAME}, but part of it is missing."
            ) from problem
        if not found:
            raise NativeUnreadable(f"This looks like {form.NAME}, but it holds no step.")
        if len(found) > MOST_STEPS:
            raise NativeUnreadable(f"A trajectory can have {MOST_STEPS:,} steps at most.")
        return Native(form.NAME, canonical(found))
    raise NativeUnreadable


def _parsed(data: bytes) -> Any:
    try:
        text = data.decode("utf-8-sig")
        return json.loads(text)
    except UnicodeDecodeError as problem:
        raise NativeUnreadable("The file is not UTF-8 text.") from problem
    except RecursionError as problem:
        raise NativeUnreadable("The file is nested too deeply.") from problem
    except json.JSONDecodeError as problem:
        lines = [line for line in text.splitlines() if line.strip()]
        try:
            return [json.loads(line) for line in lines[:MOST_STEPS]]
        except ValueError:
            raise NativeUnreadable(
                f"The file is not JSON: line {problem.lineno}: {problem.msg}."
            ) from problem


def canonical(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Messages with ids of nine letters and digits, plain tool names, arguments as objects, and no
    character that cannot be stored."""
    return [_message(message) for message in messages]


def _message(message: dict[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {"role": message["role"], "content": clean(message.get("content") or "")}
    if message.get("tool_calls"):
        made["tool_calls"] = [
            {
                "id": nine(str(call["id"])),
                "type": "function",
                "function": {
                    "name": plain_name(call["name"]),
                    "arguments": _object(call["arguments"]),
                },
            }
            for call in message["tool_calls"]
        ]
    if message.get("tool_call_id"):
        made["tool_call_id"] = nine(str(message["tool_call_id"]))
        made["name"] = plain_name(message.get("name") or "tool")
    return made


def _object(arguments: Any) -> dict[str, Any]:
    if isinstance(arguments, str):
        try:
            arguments = json.loads(arguments)
        except ValueError:
            arguments = {"input": arguments}
    kept = arguments if isinstance(arguments, dict) else {"input": arguments}
    return json.loads(clean(json.dumps(kept, ensure_ascii=False)))  # type: ignore[no-any-return]


def clean(text: Any) -> str:
    """Text without the zero character and half surrogate pairs."""
    words = text if isinstance(text, str) else json.dumps(text, ensure_ascii=False)
    return (
        words.replace("\x00", "\ufffd")
        .encode("utf-16", "surrogatepass")
        .decode("utf-16", "replace")
    )


def nine(name: str) -> str:
    """An id of nine letters and digits: as it is where it is one, else made from it."""
    if NINE.fullmatch(name):
        return name
    number = int.from_bytes(hashlib.sha256(name.encode("utf-8", "replace")).digest()[:8])
    return "".join(LETTERS[number // 62**place % 62] for place in range(9))


def plain_name(name: str) -> str:
    """A tool's name with letters that every trainer takes."""
    return NAME.sub("_", str(name))[:64] or "tool"
