"""A structured object against a JSON schema: the raw text is what is written, a form may fill it in."""

import json
from typing import Any

from annotation.errors import TargetInvalid
from annotation.models import Instruction
from annotation.targets.types import FIRST, Extras, Fields, Part, Target

HOW = (
    "Write the object as JSON in the box, or fill in the form above it where there is one: each shows what "
    "the other holds. It is kept as you go."
)


def compile_target(fields: Fields, extras: Extras, instruction: Instruction) -> Target:
    """{"kind": "json", "object": the value, "text": as typed}; raises TargetInvalid with the line when it
    is no JSON. Whether it satisfies the schema is for the checks to say."""
    text = fields.get(FIRST, "")
    return {"kind": "json", "object": read_json(text, "The object"), "text": text}


def read_json(text: str, what: str, field: str = FIRST) -> Any:
    """The value of a JSON text. Doubled keys, NaN and Infinity are refused: trainers read them differently."""
    try:
        return json.loads(text, object_pairs_hook=_once, parse_constant=_no_constant)
    except json.JSONDecodeError as problem:
        raise TargetInvalid(
            f"{what} is not JSON yet: line {problem.lineno}, column {problem.colno}: {problem.msg}.",
            advice="Mend it at that place.",
            field=field,
            line=problem.lineno,
            column=problem.colno,
        ) from problem
    except (ValueError, RecursionError) as problem:
        raise TargetInvalid(
            f"{what} cannot be read: {problem}", advice="Mend it.", field=field
        ) from problem


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        doubled = sorted(
            {name for name, _ in pairs if sum(name == other for other, _ in pairs) > 1}
        )
        raise ValueError(f"the key “{doubled[0]}” stands there twice.")
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON value.")


def parts(fields: Fields, extras: Extras, instruction: Instruction) -> list[Part]:
    """One box for the raw text; the page builds the form from the schema."""
    return [
        Part(FIRST, "Response, as JSON", kind="json", about={"schema": instruction.target_schema})
    ]
