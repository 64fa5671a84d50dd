"""One response: the text exactly as typed."""

from annotation.models import Instruction
from annotation.targets.types import FIRST, Extras, Fields, Part, Target

HOW = "Write your answer in the box. It is kept as you go."


def compile_target(fields: Fields, extras: Extras, instruction: Instruction) -> Target:
    """{"kind": "text", "messages": [one assistant message]}; not a character is changed."""
    return {"kind": "text", "messages": [{"role": "assistant", "content": fields.get(FIRST, "")}]}


def parts(fields: Fields, extras: Extras, instruction: Instruction) -> list[Part]:
    """One Markdown box."""
    return [Part(FIRST, "Response")]
