"""Berkeley Function-Calling Leaderboard: an entry with its questions and, where given, the calls that answer them."""

import ast
from typing import Any

NAME = "BFCL"


def matches(value: Any) -> bool:
    """An entry with its questions."""
    return isinstance(value, dict) and isinstance(value.get("question"), list) and "id" in value


def messages(value: Any) -> list[dict[str, Any]]:
    """The turns of the user, each followed by the calls of `ground_truth` where the entry has them."""
    answers = value.get("ground_truth") or []
    found: list[dict[str, Any]] = []
    for number, turn in enumerate(value["question"]):
        found += [{"role": part["role"], "content": part["content"]} for part in turn]
        calls = (
            answers[number] if number < len(answers) and isinstance(answers[number], list) else []
        )
        if calls:
            found.append({"role": "assistant", "content": "", "tool_calls": _calls(number, calls)})
    return found


def _calls(turn: int, calls: list[str]) -> list[dict[str, Any]]:
    return [{"id": f"turn-{turn}-{number}", **_call(call)} for number, call in enumerate(calls)]


def _call(text: str) -> dict[str, Any]:
    """`mv(source='a', destination='b')` as a name and arguments; read as a literal, never run."""
    call = ast.parse(text, mode="eval").body
    if not isinstance(call, ast.Call):
        raise ValueError("not a call")  # noqa: TRY004  (the caller reports every fault of a file alike)
    arguments = {
        f"argument_{number}": ast.literal_eval(arg) for number, arg in enumerate(call.args, 1)
    }
    arguments |= {str(word.arg): ast.literal_eval(word.value) for word in call.keywords}
    return {"name": ast.unparse(call.func), "arguments": arguments}
