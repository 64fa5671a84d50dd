"""Several turns of a conversation.

`target_schema` may lay the turns out: {"turns": [{"role": "assistant"}, {"role": "user", "content": "…"},
{"role": "assistant"}], "author_writes_user_turns": true}. A turn with content is given; one without is
written. Without a layout the author begins with one answer and may add turns (extras["turns"]).
"""

from collections.abc import Iterator
from typing import Any

from annotation.errors import TargetInvalid
from annotation.models import Instruction
from annotation.targets.types import FIRST, Extras, Fields, Part, Target

HOW = "Write each answer in its own box, in the order of the conversation. It is kept as you go."

Turn = dict[str, Any]


def turns_of(extras: Extras, instruction: Instruction) -> list[Turn]:
    """The turns in order: {"field", "role", "content"?}. The first written one is the field `response`."""
    laid_out = instruction.target_schema.get("turns")
    if laid_out:
        return list(_named(laid_out))
    own = [
        {"field": str(turn.get("field", "")), "role": turn.get("role", "assistant")}
        for turn in extras.get("turns", [])
        if turn.get("role") in {"user", "assistant"} and turn.get("field")
    ]
    return own or [{"field": FIRST, "role": "assistant"}]


def _named(laid_out: list[Turn]) -> Iterator[Turn]:
    first = True
    for number, turn in enumerate(laid_out, 1):
        if turn.get("content"):
            yield {"field": "", "role": turn["role"], "content": turn["content"]}
        else:
            yield {"field": FIRST if first else f"turn-{number}", "role": turn["role"]}
            first = False


def compile_target(fields: Fields, extras: Extras, instruction: Instruction) -> Target:
    """{"kind": "messages", "messages": […]} with given turns word for word. Raises TargetInvalid when a
    written turn is empty or the last word is not the assistant's."""
    messages = []
    for number, turn in enumerate(turns_of(extras, instruction), 1):
        content = turn.get("content") or fields.get(turn["field"], "")
        if not content.strip():
            raise TargetInvalid(
                f"Turn {number} is still empty.", advice="Write it, or remove the turn."
            )
        messages.append({"role": turn["role"], "content": content})
    if messages[-1]["role"] != "assistant":
        raise TargetInvalid(
            "The conversation ends with a turn of the user.", advice="Write the answer to it."
        )
    return {"kind": "messages", "messages": messages}


def parts(fields: Fields, extras: Extras, instruction: Instruction) -> list[Part]:
    """One Markdown box a written turn; given turns are shown before the box that follows them."""
    boxes: list[Part] = []
    given: list[Turn] = []
    for turn in turns_of(extras, instruction):
        if turn.get("content"):
            given.append(turn)
            continue
        label = _label(turn, boxes)
        boxes.append(Part(turn["field"], label, about={"given": given, "role": turn["role"]}))
        given = []
    return boxes


def _label(turn: Turn, boxes: list[Part]) -> str:
    if turn["role"] == "user":
        return f"Turn of the user, {len(boxes) + 1}"
    return "Response" if turn["field"] == FIRST else f"Answer, turn {len(boxes) + 1}"
