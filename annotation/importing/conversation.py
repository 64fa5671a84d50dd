"""Earlier turns of a conversation, in the many ways in which files write them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson

from annotation.importing.rows import RowRefused

_WHO = ("role", "from", "speaker", "author", "sender")
_WHAT = ("content", "value", "text", "utterance", "message", "body")
_ROLES = {
    "user": "user", "human": "user", "prompter": "user", "customer": "user", "client": "user",
    "question": "user", "patient": "user", "instruction": "user",
    "assistant": "assistant", "gpt": "assistant", "bot": "assistant", "model": "assistant", "ai": "assistant",
    "chatbot": "assistant", "agent": "assistant", "doctor": "assistant", "answer": "assistant",
    "system": "system", "developer": "system",
    "tool": "tool", "function": "tool", "observation": "tool",
}  # fmt: skip
_KEPT = ("name", "tool_calls", "tool_call_id")
MOST_MESSAGES = 400

Message = dict[str, Any]


def is_conversation(value: Any) -> bool:
    """Whether this looks like turns: a list of objects that say who speaks."""
    if isinstance(value, str) and value[:2] in {"[{", "[\n", "[ "}:
        value = _decoded(value)
    value = _joined(value)
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(turn, Mapping) for turn in value[:3])
        and any(name in value[0] for name in _WHO)
        and any(name in value[0] for name in _WHAT)
    )


def messages_of(value: Any, field: str = "messages") -> list[Message]:
    """Turns as [{"role", "content"}]; raises RowRefused where they make no conversation.

    A list of plain texts is read as questions that a user asks one after the other.
    """
    if isinstance(value, str):
        value = _decoded(value)
    value = _joined(value)
    if not isinstance(value, list) or not value:
        raise RowRefused(field, "This should be a list of messages.", value)
    if len(value) > MOST_MESSAGES:
        raise RowRefused(
            field, f"This conversation has {len(value)} messages; {MOST_MESSAGES} can be read."
        )
    if all(isinstance(turn, str) for turn in value):
        return [{"role": "user", "content": turn} for turn in value]
    return [_message(turn, number, field) for number, turn in enumerate(value, 1)]


def _joined(value: Any) -> Any:
    """Turns that are lists of messages themselves, as BFCL writes them, one after the other."""
    in_turns = isinstance(value, list) and any(
        isinstance(turn, list) and turn and isinstance(turn[0], Mapping) for turn in value
    )
    if not in_turns:
        return value
    return [said for turn in value for said in (turn if isinstance(turn, list) else [turn])]


def pairs_of(value: Any) -> list[Message]:
    """Earlier turns written as pairs: [["question", "answer"], …]."""
    if isinstance(value, str):
        value = _decoded(value)
    if not isinstance(value, list):
        raise RowRefused("history", "This should be a list of pairs of question and answer.", value)
    if is_conversation(value):
        return messages_of(value, "history")
    messages: list[Message] = []
    for pair in value:
        match pair:
            case [str(asked), str(answered)]:
                messages += [
                    {"role": "user", "content": asked},
                    {"role": "assistant", "content": answered},
                ]
            case _:
                raise RowRefused("history", "A pair of question and answer is expected here.", pair)
    return messages


def without_answer(messages: Sequence[Message]) -> list[Message]:
    """The conversation up to the last word that is not the assistant's: what remains to be answered."""
    end = len(messages)
    while end and messages[end - 1]["role"] == "assistant":
        end -= 1
    return list(messages[:end])


def _decoded(text: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return None


def _message(turn: Any, number: int, field: str) -> Message:
    if isinstance(turn, list) and len(turn) == 2 and all(isinstance(part, str) for part in turn):
        turn = {"role": turn[0], "content": turn[1]}
    if type(turn) is not dict and not isinstance(turn, Mapping):  # the usual case needs no ABC
        raise RowRefused(field, f"Message {number} is no object with role and content.", turn)
    who = next((name for name in _WHO if name in turn), "")
    what = next((name for name in _WHAT if name in turn), "")
    role = _role(who, str(turn.get(who, "")))
    if not role:
        raise RowRefused(field, f"Message {number} does not say who speaks.", turn.get(who, ""))
    message: Message = {"role": role, "content": _content(turn.get(what), number, field)}
    for name in _KEPT:
        if turn.get(name):
            message[name] = turn[name]
    if "tool_calls" in message:
        _require_writable(message["tool_calls"], number, field)
    return message


def _require_writable(calls: Any, number: int, field: str) -> None:
    """No release holds a record whose earlier calls cannot be written: told now, not after the work."""
    for call in calls if isinstance(calls, list) else []:
        said = call.get("function", call) if isinstance(call, Mapping) else None
        given = said.get("arguments") if isinstance(said, Mapping) else None
        try:
            value = orjson.loads(given or "{}") if isinstance(given, str) else given
            orjson.dumps(value, option=orjson.OPT_STRICT_INTEGER)
        except (orjson.JSONDecodeError, TypeError):
            raise RowRefused(
                field,
                f"The arguments of a call in message {number} are not JSON that all readers agree on: "
                "broken, nested too deep, or with a number that is not finite or beyond 2^53.",
                given,
            ) from None
        if value is not None and not isinstance(value, Mapping):
            reason = f"The arguments of a call in message {number} are not an object."
            raise RowRefused(field, reason, given)


def _role(key: str, said: str) -> str:
    # In transcripts of dialogues the SYSTEM is the one that answers, not the one that instructs.
    if key == "speaker" and said.lower() == "system":
        return "assistant"
    return _ROLES.get(said.lower(), "")


def _content(value: Any, number: int, field: str) -> str:
    """The words of a message; parts of text are joined, pictures cannot be taken."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        texts = [
            part.get("text")
            for part in value
            if isinstance(part, Mapping) and part.get("type") == "text"
        ]
        if len(texts) == len(value):
            return "".join(str(text) for text in texts)
    raise RowRefused(field, f"Message {number} holds something else than text.", value)


# ---- Trees: a prompt, its replies, their replies ----


def is_tree(values: Mapping[str, Any]) -> bool:
    """Whether a record is a tree of messages: {"prompt": {"text", "replies": […]}}."""
    prompt = values.get("prompt")
    return (
        isinstance(prompt, Mapping) and "text" in prompt and isinstance(prompt.get("replies"), list)
    )


def open_ends(tree: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Every question of a tree with what was said before it: the columns of its message and `messages`.

    Walks without recursion, so that a deep tree does not exhaust the stack.
    """
    waiting: list[tuple[Any, list[Message]]] = [(tree["prompt"], [])]
    while waiting:
        node, before = waiting.pop()
        if not isinstance(node, Mapping):
            continue
        role = _ROLES.get(str(node.get("role", "prompter")), "user")
        said = [*before, {"role": role, "content": str(node.get("text", ""))}]
        if role == "user" and len(said) <= MOST_MESSAGES:
            yield {
                **{name: value for name, value in node.items() if name != "replies"},
                "messages": said,
            }
        replies = node.get("replies")
        waiting.extend(
            (reply, said) for reply in reversed(replies if isinstance(replies, list) else [])
        )


class Threads:
    """Messages of trees written one a row with `parent_id`; only the tree that is being read is held."""

    def __init__(self) -> None:
        self.tree: Any = None
        self.said: dict[str, list[Message]] = {}

    @staticmethod
    def fit(values: Mapping[str, Any]) -> bool:
        """Whether a record is one message of a tree."""
        return {"message_id", "parent_id", "role", "text"} <= values.keys()

    def opened(self, values: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """The record with its `messages` when it asks something; None when it is an answer."""
        tree = values.get("message_tree_id")
        if tree is None or tree != self.tree:
            if tree is not None or values.get("parent_id") is None:
                self.said = {}
            self.tree = tree
        parent = values.get("parent_id")
        before = self.said.get(str(parent), []) if parent is not None else []
        if parent is not None and not before:
            raise RowRefused(
                "parent_id", "The message that this one answers does not stand before it.", parent
            )
        role = _ROLES.get(str(values["role"]), "")
        said = [*before, {"role": role, "content": str(values["text"])}]
        self.said[str(values["message_id"])] = said
        return {**values, "messages": said} if role == "user" else None


def spread(values: Mapping[str, Any], threads: Threads) -> Iterator[Mapping[str, Any]]:
    """The records that ask something: the questions of a tree, a message that is no answer, else the record."""
    if is_tree(values):
        yield from open_ends(values)
    elif not Threads.fit(values):
        yield values
    elif opened := threads.opened(values):
        yield opened
