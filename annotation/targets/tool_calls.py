"""Tool calls with their results: steps in order, each in a box of its own.

extras["steps"] = [{"field", "type": "call", "name": tool, "together"?: true} | {"field", "type": "result", "of": field
of the call} | {"field", "type": "say"}]. Calls are made at once where nobody waits between them: where no result is
written, and where the author says that a call goes `together` with the one before.
"""

import hashlib
import string
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError, best_match

from annotation.errors import TargetInvalid
from annotation.models import Instruction
from annotation.targets.structured import read_json
from annotation.targets.types import FIRST, Extras, Fields, Part, Target

HOW = (
    "Lay out what the assistant does, step by step: words, calls of tools, and what each call gave. The first "
    "box may stay empty where a call comes first. It is kept as you go."
)

LETTERS = string.ascii_letters + string.digits
TYPES = {"call", "result", "say"}


Step = dict[str, Any]


def steps_of(extras: Extras) -> list[Step]:
    """The steps as the author laid them out; at first one box for words."""
    steps = [
        {key: str(step.get(key, "")) for key in ("field", "type", "name", "of")}
        | {"together": step.get("together") is True}
        for step in extras.get("steps", [])
        if step.get("type") in TYPES and step.get("field")
    ]
    return steps or [{"field": FIRST, "type": "say", "name": "", "of": ""}]


def call_id(field: str) -> str:
    """Nine letters and digits from the name of a step: the same for the same step in every save."""
    number = int.from_bytes(hashlib.sha256(field.encode()).digest()[:8])
    return "".join(LETTERS[number // 62**place % 62] for place in range(9))


def compile_target(fields: Fields, extras: Extras, instruction: Instruction) -> Target:
    """{"kind": "tool_calls", "messages": […]} with arguments as objects. Raises TargetInvalid naming the
    step: an unknown tool, arguments that break its schema, a result without its call, an empty text, words
    before a call has its result, a result that nothing is made of."""
    tools = {_function(tool)["name"]: _function(tool) for tool in instruction.tools}
    messages: list[dict[str, Any]] = []
    called: dict[str, str] = {}
    waits = _waits_for_results(fields, extras)
    for number, step in enumerate(steps_of(extras), 1):
        text = fields.get(step["field"], "")
        if step["type"] == "call":
            _add_call(messages, _call(number, step, text, tools), together=step["together"])
            called[step["field"]] = step["name"]
        elif step["type"] == "result":
            if waits:
                messages.append(_result(number, step, text, called))
        elif text.strip():
            _require_results(messages, number, step["field"])
            messages.append({"role": "assistant", "content": text})
    _drop_unwritten_results(messages)
    _require_written(messages, extras)
    if not messages:
        raise TargetInvalid("There is no step yet.", advice="Add the call that the task needs.")
    if messages[-1]["role"] == "tool":
        raise TargetInvalid(
            "The last step is the result of a tool: nobody says what follows from it.",
            advice="Add words or another call after it, or remove the result.",
            field=steps_of(extras)[-1]["field"],
        )
    return {"kind": "tool_calls", "messages": messages}


def _waits_for_results(fields: Fields, extras: Extras) -> bool:
    """Whether a result is written, or words stand behind a call. Else the calls are the answer, made at once."""
    called = False
    for step in steps_of(extras):
        written = bool(fields.get(step["field"], "").strip())
        if written and (step["type"] == "result" or (called and step["type"] == "say")):
            return True
        called = called or step["type"] == "call"
    return False


def _require_written(messages: list[dict[str, Any]], extras: Extras) -> None:
    """Raise TargetInvalid where a result is empty that something follows from: a model would learn from nothing."""
    empty = {
        message["tool_call_id"]
        for message in messages
        if message["role"] == "tool" and not message["content"].strip()
    }
    for number, step in enumerate(steps_of(extras), 1):
        if step["type"] == "result" and call_id(step["of"]) in empty:
            raise TargetInvalid(
                f"Step {number}, the result of a call, is empty.",
                advice="Write what the tool answered; where it answers nothing, write {}.",
                field=step["field"],
            )


def _drop_unwritten_results(messages: list[dict[str, Any]]) -> None:
    """Calls at the end are an answer by themselves; the boxes for their results may stay empty."""
    end = len(messages)
    while end and messages[end - 1]["role"] == "tool":
        end -= 1
    if not any(message["content"].strip() for message in messages[end:]):
        del messages[end:]


def _require_results(messages: list[dict[str, Any]], number: int, field: str) -> None:
    """Raise TargetInvalid when a call still waits for its result; models are told what each call gave."""
    made = {call["id"] for message in messages for call in message.get("tool_calls", [])}
    if made - {message.get("tool_call_id") for message in messages}:
        raise TargetInvalid(
            f"Before step {number} a call has no result.",
            advice="Add the result, or put the words before the call.",
            field=field,
        )


def _call(number: int, step: Step, text: str, tools: dict[str, Any]) -> dict[str, Any]:
    if step["name"] not in tools:
        raise TargetInvalid(
            f"Step {number} calls “{step['name']}”, which is not among the tools of this instruction.",
            advice="Choose one of the tools.",
            field=step["field"],
        )
    arguments = read_json(text or "{}", f"Step {number}", step["field"])
    if not isinstance(arguments, dict):
        raise TargetInvalid(
            f"The arguments of step {number} are not an object.",
            advice="Write {…}.",
            field=step["field"],
        )
    fault = schema_fault(tools[step["name"]].get("parameters") or {}, arguments)
    if fault:
        raise TargetInvalid(
            f"Step {number} breaks the schema of “{step['name']}”: {fault}",
            advice="Mend the arguments.",
            field=step["field"],
        )
    return {
        "id": call_id(step["field"]),
        "type": "function",
        "function": {"name": step["name"], "arguments": arguments},
    }


def schema_fault(schema: dict[str, Any], value: Any) -> str:
    """What is wrong with `value` under `schema`, in one sentence, or nothing. A schema that is itself
    broken judges nothing."""
    try:
        Draft202012Validator.check_schema(schema)
        problem = best_match(Draft202012Validator(schema).iter_errors(value))
    except (SchemaError, RecursionError):
        return ""
    if problem is None:
        return ""
    place = "/".join(map(str, problem.absolute_path))
    return f"{'at ' + place + ': ' if place else ''}{problem.message}."[:400]


def _add_call(
    messages: list[dict[str, Any]], call: dict[str, Any], *, together: bool = False
) -> None:
    """Beside the words or calls just before, when the assistant was speaking; `together` with the call before, past
    its result; else a turn of its own."""
    said = [message for message in messages if not together or message["role"] != "tool"]
    last = said[-1] if said else None
    if last is not None and last["role"] == "assistant":
        last.setdefault("tool_calls", []).append(call)
    else:
        messages.append({"role": "assistant", "content": "", "tool_calls": [call]})


def _result(number: int, step: Step, text: str, called: dict[str, str]) -> dict[str, Any]:
    if step["of"] not in called:
        raise TargetInvalid(
            f"Step {number} is the result of a call that does not stand before it.",
            advice="Put the call first, or remove the result.",
            field=step["field"],
        )
    return {
        "role": "tool", "tool_call_id": call_id(step["of"]), "name": called[step["of"]], "content": text,
    }  # fmt: skip


def _function(tool: dict[str, Any]) -> dict[str, Any]:
    function = tool.get("function", tool)
    return function if isinstance(function, dict) else {}


def parts(fields: Fields, extras: Extras, instruction: Instruction) -> list[Part]:
    """A box a step: JSON for arguments, plain for results, Markdown for words."""
    boxes = []
    steps = steps_of(extras)
    kinds = {"call": "json", "result": "plain", "say": "markdown"}
    labels = {"call": "Arguments of {name}", "result": "Result", "say": "Words of the assistant"}
    for number, step in enumerate(steps, 1):
        label = labels[step["type"]].format(name=step["name"]) + f", step {number}"
        if step["field"] == FIRST:
            label = f"Response: words of the assistant, step {number}"
        boxes.append(Part(step["field"], label, kind=kinds[step["type"]], about={"step": step}))
    return boxes
