"""How projections read a record: the questions that most of them ask, each answered or refused."""

from functools import lru_cache
from typing import Any

from exports import lines
from exports.formats.types import Refused
from exports.records import Record

Message = dict[str, Any]
Call = dict[str, Any]

# A record goes through every format before the next one comes: what many of them ask is kept for it.
asked_once = lru_cache(maxsize=1)


def text(message: Message) -> str:
    """The message's words, byte for byte; refuses a message that shows an attachment."""
    parts = message["parts"]
    if len(parts) == 1 and parts[0]["type"] == "text":
        return str(parts[0]["text"])
    texts = []
    for part in parts:
        if part["type"] != "text":
            raise Refused("an image or file inside a message")
        texts.append(part["text"])
    return "".join(texts)


def calls(message: Message) -> list[Call]:
    """The message's tool calls, none if it makes none."""
    return list(message.get("tool_calls", []))


def reasoning(message: Message) -> str:
    """Reasoning that its author lets out, else an empty text."""
    return str(message.get("reasoning", "")) if message.get("reasoning_publishable") else ""


def named_call(call: Call) -> Message:
    """A call in the shape most trainers read, arguments as an object."""
    return {
        "id": call["id"],
        "type": "function",
        "function": {"name": call["name"], "arguments": call["arguments"]},
    }


def worded_call(call: Call) -> Message:
    """The same with the arguments as JSON text."""
    arguments = lines.compact(call["arguments"])
    return {
        "id": call["id"],
        "type": "function",
        "function": {"name": call["name"], "arguments": arguments},
    }


def functions(record: Record) -> list[Message]:
    """The tools in the shape most trainers read, parameters as written."""
    return [{"type": "function", "function": tool} for tool in record.tools]


@asked_once
def worded_tools(record: Record) -> str | None:
    """The tools as JSON text; None where there are none."""
    return lines.compact(functions(record)) if record.tools else None


_WAYS = [(words, developer) for words in (False, True) for developer in (False, True)]


def chat(record: Record, *, words: bool, developer: bool = False) -> list[Message]:
    """The conversation as role and content, with calls and results.

    `words` makes arguments JSON text; a developer message leaves as `system` unless `developer`.
    Formats share what this returns: whoever adds to a turn makes a new one.
    """
    made = record.said.get((words, developer))
    if made is None:
        made = [turn(message, words=words, developer=developer) for message in record.messages]
        record.said[words, developer] = made
        if not _says_more(record):
            # Plain words are the same however calls and developers are shown.
            record.said.update(dict.fromkeys(_WAYS, made))
    return made


def _says_more(record: Record) -> bool:
    return record.messages[0]["role"] == "developer" or any(
        "tool_calls" in message for message in record.messages
    )


def turn(message: Message, *, words: bool, developer: bool = False) -> Message:
    """One message of `chat`. Content is always a text: several readers repeat or fail on null."""
    role = message["role"]
    shown: Message = {
        "role": role if developer or role != "developer" else "system",
        "content": text(message),
    }
    if calls(message):
        shown["tool_calls"] = [
            worded_call(call) if words else named_call(call) for call in calls(message)
        ]
    if role == "tool":
        shown |= {key: message[key] for key in ("tool_call_id", "name") if key in message}
    return shown


# What a format may be unable to say. Each raises Refused, in the words of the report.


def refuse_attachments(record: Record) -> None:
    """For formats of text alone: what the writer saw in a file would be missing."""
    if record.data["attachments"]:
        raise Refused("attachments")


def refuse_tools(record: Record) -> None:
    """For formats without tools."""
    if _has_tools(record):
        raise Refused("tools or tool calls")


@asked_once
def _has_tools(record: Record) -> bool:
    spoken = any(message["role"] == "tool" or calls(message) for message in record.messages)
    return bool(record.tools) or spoken


def refuse_spans(record: Record) -> None:
    """For formats that count a message whole or not at all."""
    if _has_spans(record):
        raise Refused("only a part of a message trains")


@asked_once
def _has_spans(record: Record) -> bool:
    return any("spans" in message for message in record.messages)


def refuse_fractions(record: Record) -> None:
    """For formats whose weights are 0 and 1."""
    if _has_fractions(record):
        raise Refused("a weight between 0 and 1, or above 1")


@asked_once
def _has_fractions(record: Record) -> bool:
    return any(message["weight"] not in (0, 1) for message in record.messages)


def refuse_masks(record: Record) -> None:
    """For formats that train every assistant message."""
    refuse_spans(record)
    refuse_fractions(record)
    if _has_untrained(record):
        raise Refused("an assistant message that must not train")


@asked_once
def _has_untrained(record: Record) -> bool:
    return any(m["role"] == "assistant" and not trains(m) for m in record.messages)


def refuse_others(messages: list[Message], *, allowed: tuple[str, ...] = ("assistant",)) -> None:
    """For formats whose readers train all that stands behind the prompt."""
    if any(message["role"] not in allowed for message in messages):
        raise Refused("somebody else speaks behind the prompt, whose words would train as well")


def refuse_partly_trained(record: Record) -> None:
    """For formats that weigh the whole target, each word alike."""
    said = [message for message in record.completion if message["role"] == "assistant"]
    if any("spans" in m or not trains(m) or m["weight"] != 1 for m in said):
        raise Refused("a part of the target that must not train, or counts otherwise")


def refuse_mixed_results(record: Record) -> None:
    """For formats that tell by its place which call a result answers."""
    asked: list[str] = []
    for message in record.messages:
        if message["role"] == "tool":
            if asked.pop(0) != message["tool_call_id"]:
                raise Refused("tool results in another order than their calls")
        else:
            asked = [call["id"] for call in calls(message)]


def refuse_silence(record: Record) -> None:
    """For readers that refuse a message without words."""
    if any(not text(m) and not calls(m) for m in record.messages if m["role"] != "tool"):
        raise Refused("a message without words")


_PLACEHOLDERS = ("<image>", "<video>", "<audio>")


def refuse_placeholders(record: Record) -> None:
    """For trainers that take these words for the place of a file, which is not there."""
    for message in record.messages:
        if any(word in text(message) for word in _PLACEHOLDERS):
            raise Refused("words that spell the place of an image, video or sound")


def refuse_chains(record: Record) -> None:
    """For formats whose turns alternate: user, assistant, user, assistant."""
    roles = [message["role"] for message in without_system(record)]
    expected = ["user", "assistant"] * (len(roles) // 2)
    if roles != expected:
        raise Refused("turns that do not alternate between user and assistant")


def trains(message: Message) -> bool:
    """Whether the loss counts the message at all."""
    return bool(message["train"] and message["weight"] > 0)


@asked_once
def without_system(record: Record) -> list[Message]:
    """The messages behind the system message."""
    return [m for m in record.messages if m["role"] not in ("system", "developer")]


@asked_once
def system(record: Record) -> str:
    """The system message's words, an empty text where there is none."""
    first = record.messages[0]
    return text(first) if first["role"] in ("system", "developer") else ""


def lost(record: Record, *kept: str) -> frozenset[str]:
    """What this record holds beyond the rows, less what the format says it has `kept`."""
    return _beyond_rows(record).difference(kept)


@asked_once
def _beyond_rows(record: Record) -> frozenset[str]:
    found = {
        "reasoning": any(reasoning(message) for message in record.messages),
        "evidence": bool(record.data["environment"]["evidence"]),
        "developer role": record.messages[0]["role"] == "developer",
        "sample weight": record.data["training"]["sample_weight"] != 1,
        "parallel calls switch": "parallel_tool_calls" in record.data,
        "strict tools": any("strict" in tool for tool in record.tools),
    }
    return frozenset(name for name, there in found.items() if there)
