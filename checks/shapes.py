"""Reading rows of pairs and chats in the shapes that people keep them in.

Known: ``messages`` and its cousins (ShareGPT ``conversations``, Gemini ``contents``), prompt and
completion, instruction / input / output, question / answer, nested ``instances``, and a lone text.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from checks.types import Message, text_of

_ROLES = {
    "human": "user", "user": "user", "prompter": "user", "customer": "user", "usr": "user",
    "gpt": "assistant", "assistant": "assistant", "model": "assistant", "bot": "assistant",
    "chatgpt": "assistant", "bing": "assistant", "bard": "assistant", "agent": "assistant",
    "system": "system", "developer": "system",
    "tool": "tool", "function": "tool", "observation": "tool", "function_response": "tool",
    "ipython": "tool", "environment": "tool", "function_call": "assistant",
}  # fmt: skip
_CHATS = (
    "messages",
    "conversations",
    "conversation",
    "chat",
    "dialogue",
    "dialog",
    "turns",
    "contents",
    "items",
)
_ASKED = (
    "prompt",
    "instruction",
    "question",
    "query",
    "user",
    "human",
    "problem",
    "task",
    "request",
    "source",
    "prompts",
    "Question",
    "Instruction",
    "Prompt",
    "QUESTION",
    "text",
)
_ANSWERED = (
    "response",
    "completion",
    "output",
    "answer",
    "chosen",
    "target",
    "assistant",
    "gpt",
    "solution",
    "responses",
    "reply",
    "label",
    "code",
    "canonical_solution",
    "best_answer",
    "Answer",
    "Response",
    "Output",
    "Best Answer",
    "LONG_ANSWER",
    "long_answer",
    "outputs",
    "answers",
    "completions",
    "final_answer",
)
_GIVEN = (
    "input",
    "context",
    "contexts",
    "evidence",
    "passage",
    "document",
    "article",
    "CONTEXTS",
    "inputs",
    "background",
    "reference",
)
_IDS = (
    "id",
    "record_id",
    "uid",
    "uuid",
    "task_id",
    "example_id",
    "row_id",
    "question_id",
    "message_id",
    "key",
    "_key",
    "eval_instance_index",
    "item_id",
    "doc_id",
    "prompt_id",
    "conversation_id",
    "ID",
    "Id",
    "index",
    "qid",
)


@dataclass(frozen=True)
class Pair:
    """A row as a pair: what was asked, what was given with it, and the answer."""

    instruction: tuple[Message, ...] = ()
    target: tuple[Message, ...] = ()
    evidence: tuple[str, ...] = ()
    tools: tuple[Mapping[str, Any], ...] = ()
    language: str = ""
    id: str = ""
    fields: tuple[str, ...] = field(default=())

    @property
    def question(self) -> str:
        """The user turns and what was given with them: what makes the row the same question."""
        asked = [m.content for m in self.instruction if m.role == "user" and m.content]
        return "\n\n".join([*asked, *self.evidence])

    @property
    def response(self) -> str:
        return "\n\n".join(m.content for m in self.target if m.role == "assistant" and m.content)

    @property
    def is_empty(self) -> bool:
        return not (self.instruction or self.target)


def read_pair(row: Mapping[str, Any]) -> Pair:
    """A row as a pair, whatever its shape. A row without any text gives an empty pair."""
    plain = _unpacked(row)
    pair = _from_chat(plain) or _from_columns(plain) or _from_strings(plain)
    language = plain.get("language") or plain.get("lang")
    return Pair(
        pair.instruction,
        pair.target,
        pair.evidence,
        _tools(plain),
        language if isinstance(language, str) and len(language) <= 8 else "",
        row_id(plain),
        pair.fields,
    )


def row_id(row: Mapping[str, Any], name: str = "") -> str:
    """The id that a row carries, or an empty text."""
    for key in [name] if name else _IDS:
        value = row.get(key)
        if isinstance(value, (str, int)) and not isinstance(value, bool) and str(value).strip():
            return str(value).strip()
    return ""


def _unpacked(row: Mapping[str, Any]) -> dict[str, Any]:
    """Cells that hold JSON (chats in a CSV) as what they hold; rows inside ``body``, ``data``."""
    plain = dict(row)
    for key in (*_CHATS, *_ASKED, *_ANSWERED, "tools"):
        value = plain.get(key)
        if isinstance(value, str) and value.lstrip()[:2] in {"[{", '["', "[\n"}:
            try:
                plain[key] = json.loads(value)
            except ValueError:
                continue
    for wrapper in ("body", "data", "record", "row"):
        inner = plain.get(wrapper)
        if isinstance(inner, Mapping) and not any(key in plain for key in (*_CHATS, *_ASKED)):
            return {**plain, **inner}
    return plain


def _from_chat(row: Mapping[str, Any]) -> Pair | None:
    for key in _CHATS:
        turns = _turns(row.get(key))
        if turns:
            system = row.get("system")
            if isinstance(system, str) and system.strip() and turns[0].role != "system":
                turns = [Message("system", system), *turns]
            before, target = _split(turns, row.get("target"))
            if not target and (answer := _first(row, _ANSWERED)):
                target = (Message("assistant", answer[1]),)
            return Pair(before, target, tuple(_evidence(row)), fields=(key,))
    return None


def _turns(value: object) -> list[Message]:
    if not isinstance(value, Sequence) or isinstance(value, str):
        return []
    turns = []
    for i, item in enumerate(value):
        if isinstance(item, str):
            turns.append(Message("user" if i % 2 == 0 else "assistant", item))
        elif isinstance(item, Mapping):
            turns.append(_turn(item))
    return [turn for turn in turns if turn.content or turn.tool_calls]


def _turn(item: Mapping[str, Any]) -> Message:
    role = str(item.get("role") or item.get("from") or item.get("speaker") or "user").lower()
    content = next(
        (
            item[key]
            for key in ("content", "value", "text", "parts", "message", "utterance")
            if item.get(key) is not None
        ),
        "",
    )
    calls = item.get("tool_calls") or ()
    return Message(
        _ROLES.get(role, role),
        text_of(content) if not isinstance(content, Mapping) else json.dumps(content),
        tuple(call for call in calls if isinstance(call, Mapping)),
        str(item.get("tool_call_id") or ""),
        str(item.get("name") or ""),
    )


def _split(
    turns: Sequence[Message], target: object
) -> tuple[tuple[Message, ...], tuple[Message, ...]]:
    """Before and from the answer on: where the row says so, else at the last assistant turns."""
    start = target.get("from_message") if isinstance(target, Mapping) else None
    if isinstance(start, int) and 0 < start < len(turns):
        return tuple(turns[:start]), tuple(turns[start:])
    last_user = max((i for i, m in enumerate(turns) if m.role == "user"), default=-1)
    return tuple(turns[: last_user + 1]), tuple(turns[last_user + 1 :])


def _from_columns(row: Mapping[str, Any]) -> Pair | None:
    asked, answered = _first(row, _ASKED), _first(row, _ANSWERED)
    if asked is None and answered is None:
        return None
    nested = row.get("instances")
    if answered is None and isinstance(nested, Sequence) and nested:
        first = nested[0] if isinstance(nested[0], Mapping) else {}
        answered = _first(first, _ANSWERED)
        row = {**row, **{k: v for k, v in first.items() if k in _GIVEN}}
    if answered is not None and asked is not None and answered[0] == asked[0]:
        answered = None
    before = [Message("system", row["system"])] if _is_text(row.get("system")) else []
    before += list(_history(row.get("history")))
    if asked is not None:
        prompt = row[asked[0]]
        before += _turns(prompt) if not isinstance(prompt, str) else [Message("user", asked[1])]
    target: tuple[Message, ...] = ()
    if answered is not None:
        raw = row.get(answered[0])
        chosen = [m for m in _turns(raw) if m.role == "assistant"] if _is_chat(raw) else []
        target = (chosen[-1],) if chosen else (Message("assistant", answered[1]),)
    names = tuple(found[0] for found in (asked, answered) if found is not None)
    return Pair(tuple(before), target, tuple(_evidence(row)), fields=names)


def _first(row: Mapping[str, Any], names: Sequence[str]) -> tuple[str, str] | None:
    for name in names:
        value = row.get(name)
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return name, str(value)
        text = (
            text_of(value) if not _is_chat(value) else "\n".join(m.content for m in _turns(value))
        )
        if text.strip():
            return name, text
    return None


def _is_chat(value: object) -> bool:
    return (
        isinstance(value, Sequence)
        and not isinstance(value, str)
        and bool(value)
        and isinstance(value[0], Mapping)
        and ("role" in value[0] or "from" in value[0])
    )


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _history(value: object) -> Iterator[Message]:
    """Earlier turns as pairs ``[[question, answer], …]``."""
    for item in value if isinstance(value, Sequence) and not isinstance(value, str) else ():
        if isinstance(item, Sequence) and not isinstance(item, str):
            for role, text in zip(("user", "assistant"), item, strict=False):
                yield Message(role, str(text))


def _evidence(row: Mapping[str, Any]) -> Iterator[str]:
    for name in _GIVEN:
        value = row.get(name)
        if isinstance(value, str) and value.strip():
            yield value
        elif isinstance(value, Sequence) and not isinstance(value, str):
            for item in value:
                text = (
                    item
                    if isinstance(item, str)
                    else (
                        text_of(item.get("text") or item.get("content"))
                        if isinstance(item, Mapping)
                        else ""
                    )
                )
                if text.strip():
                    yield text


def _from_strings(row: Mapping[str, Any]) -> Pair:
    """Unknown columns: the first text asks, the longest of the others answers."""
    texts = [
        (key, value)
        for key, value in row.items()
        if isinstance(value, str) and value.strip() and key not in _IDS
    ]
    if not texts:
        return Pair()
    if len(texts) == 1:
        return Pair((), (Message("assistant", texts[0][1]),), fields=(texts[0][0],))
    answer = max(texts[1:], key=lambda item: len(item[1]))
    return Pair(
        (Message("user", texts[0][1]),),
        (Message("assistant", answer[1]),),
        fields=(texts[0][0], answer[0]),
    )


def _tools(row: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
    tools = row.get("tools")
    if isinstance(tools, Sequence) and not isinstance(tools, str):
        return tuple(tool for tool in tools if isinstance(tool, Mapping))
    return ()
