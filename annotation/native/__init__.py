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

import yaml

from annotation.errors import NativeUnreadable
from annotation.native import bfcl, openhands, swe_agent, tau_bench, tooltalk

LARGEST = 25 * 1024 * 1024
LARGEST_YAML = 2 * 1024 * 1024
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
    entry: int = 1
    entries: int = 1


def read_native(data: bytes, entry: int = 1) -> Native:
    """The trajectory in `data`, or number `entry` of those in it; raises NativeUnreadable saying why not."""
    if len(data) > LARGEST:
        raise NativeUnreadable("The file is larger than 25 MB.")
    inside = _inside(_parsed(data))
    if not 0 < entry <= len(inside):
        raise NativeUnreadable(
            f"The file holds {len(inside)} trajectories; there is no number {entry}."
        )
    name, messages = _read(inside[entry - 1])
    return Native(name, messages, entry, len(inside))


def _inside(value: Any) -> list[Any]:
    """The trajectories of a file: one, unless it is a list of them. OpenHands writes one as a list of events."""
    several = isinstance(value, list) and value and not openhands.matches(value)
    return list(value) if several else [value]


def _read(value: Any) -> tuple[str, list[dict[str, Any]]]:
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
        if all(message["role"] in {"system", "user"} for message in found):
            raise NativeUnreadable(
                f"This looks like {form.NAME}, but it holds questions only: an agent did nothing in it.",
                advice="Questions are brought in as instructions, on the import page of the project.",
            )
        if len(found) > MOST_STEPS:
            raise NativeUnreadable(f"A trajectory can have {MOST_STEPS:,} steps at most.")
        return form.NAME, canonical(found)
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
            if (demonstration := _yaml(text)) is not None:
                return demonstration
            raise NativeUnreadable(
                f"The file is not JSON: line {problem.lineno}: {problem.msg}."
            ) from problem


class _Plain(yaml.SafeLoader):
    """YAML without references, with which a small file can unfold into a huge one."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("references are not read")
        return super().compose_node(parent, index)


def _yaml(text: str) -> dict[str, Any] | None:
    """An object written in YAML, as SWE-agent writes its demonstrations; None where it is none."""
    if len(text) > LARGEST_YAML:
        return None
    try:
        value = yaml.load(text, _Plain)  # noqa: S506  (a safe loader, and stricter)
    except (yaml.YAMLError, ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def canonical(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Messages with ids of nine letters and digits, plain tool names, arguments as objects, and no
    character that cannot be stored. Where a run uses an id again, the later call and its result get another."""
    ids = _Ids()
    return [_message(message, ids) for message in messages]


class _Ids:
    """The ids of calls, each used once: trainers refuse a conversation that names two calls alike."""

    def __init__(self) -> None:
        self.newest: dict[str, str] = {}
        self.used: set[str] = set()
        self.tools: dict[str, str] = {}

    def called(self, name: str, tool: str) -> str:
        made, again = nine(name), 1
        while made in self.used:
            again += 1
            made = nine(f"{name}, time {again}")
        self.used.add(made)
        self.newest[name], self.tools[name] = made, tool
        return made

    def answered(self, name: str) -> str:
        return self.newest.get(name) or nine(name)

    def tool(self, name: str) -> str:
        """What was called by this id, for runs whose results do not say it."""
        return self.tools.get(name, "tool")


def _message(message: dict[str, Any], ids: _Ids) -> dict[str, Any]:
    made: dict[str, Any] = {"role": message["role"], "content": clean(message.get("content") or "")}
    if message.get("tool_calls"):
        made["tool_calls"] = [
            {
                "id": ids.called(str(call["id"]), plain_name(call["name"])),
                "type": "function",
                "function": {
                    "name": plain_name(call["name"]),
                    "arguments": _object(call["arguments"]),
                },
            }
            for call in message["tool_calls"]
        ]
    if message.get("tool_call_id"):
        called = str(message["tool_call_id"])
        made["tool_call_id"] = ids.answered(called)
        made["name"] = plain_name(message.get("name") or ids.tool(called))
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
