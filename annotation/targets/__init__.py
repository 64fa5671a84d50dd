"""From the fields of the editor to the canonical target: pure functions, one kind a file.

Every kind offers `compile_target(fields, extras, instruction)` and `parts(instruction, fields, extras)`, the
boxes that the writing page shows: [{"field", "label", "kind": markdown|json|plain, …}], with a word on how to go
about it.
"""

from typing import Any, Protocol

from annotation.enums import TargetKind
from annotation.models import Assignment, Instruction
from annotation.targets import structured, text, tool_calls, trajectory, turns
from annotation.targets.types import Extras, Fields, Part, Target


class TargetType(Protocol):
    """What a module of this package offers. `HOW` is what the author reads above the boxes."""

    HOW: str

    def compile_target(
        self, fields: Fields, extras: Extras, instruction: Instruction
    ) -> Target: ...

    def parts(self, fields: Fields, extras: Extras, instruction: Instruction) -> list[Part]: ...


KINDS: dict[str, TargetType] = {
    TargetKind.TEXT: text,
    TargetKind.MESSAGES: turns,
    TargetKind.JSON: structured,
    TargetKind.TOOL_CALLS: tool_calls,
    TargetKind.TRAJECTORY: trajectory,
}


def compile_target(instruction: Instruction, fields: Fields, extras: Extras) -> Target:
    """The canonical target from the draft; raises Invalid where it does not hold."""
    return KINDS[instruction.target_kind].compile_target(fields, extras, instruction)


def how_to_write(instruction: Instruction) -> str:
    """What the author of this kind of target does, in a sentence or two."""
    return KINDS[instruction.target_kind].HOW


def editor_for(assignment: Assignment) -> list[dict[str, Any]]:
    """The boxes of the writing page for this draft."""
    instruction = assignment.task.instruction
    parts = KINDS[instruction.target_kind].parts(assignment.fields, assignment.extras, instruction)
    return [part.as_dict() | {"text": assignment.fields.get(part.field, "")} for part in parts]
