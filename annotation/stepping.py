"""The run of an agent, a few steps at a time: a page never holds all of a long one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

STEPS_A_PAGE = 20
LONGEST_SHOWN = 20_000  # characters of one step; the file itself is whole

Message = Mapping[str, Any]


@dataclass(frozen=True)
class Steps:
    """Some steps with their numbers, and where the pages before and after begin, if there are any."""

    steps: list[tuple[int, dict[str, Any]]]
    first: int
    last: int
    total: int
    before: int | None
    after: int | None
    longest: int = LONGEST_SHOWN


def some_steps(messages: Sequence[Message], asked: str) -> Steps:
    """The steps after the first `asked` ones, as an address says it; from the beginning where it says nothing."""
    first = min(int(asked), len(messages)) if asked.isdecimal() and len(asked) < 8 else 0
    end = first + STEPS_A_PAGE
    return Steps(
        steps=[
            (number, _shown(step)) for number, step in enumerate(messages[first:end], first + 1)
        ],
        first=first + 1,
        last=min(end, len(messages)),
        total=len(messages),
        before=max(first - STEPS_A_PAGE, 0) if first else None,
        after=end if end < len(messages) else None,
    )


def _shown(step: Message) -> dict[str, Any]:
    content = step.get("content") or ""
    shown = {**step, "content": content[:LONGEST_SHOWN], "length": len(content)}
    if step.get("tool_calls"):
        shown["tool_calls"] = [_call(call) for call in step["tool_calls"]]
    return shown


def _call(call: Message) -> dict[str, Any]:
    """A call; of arguments that fill books, their beginning as text."""
    function = call["function"]
    said = function["arguments"]
    text = said if isinstance(said, str) else orjson.dumps(said).decode()
    if len(text) <= LONGEST_SHOWN:
        return dict(call)
    cut = f"{text[:LONGEST_SHOWN]}…"
    return {**call, "function": {**function, "arguments": cut}, "length": len(text)}
