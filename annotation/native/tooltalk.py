"""ToolTalk: a conversation whose assistant turns list the calls that were made before the words."""

from typing import Any

NAME = "ToolTalk"


def matches(value: Any) -> bool:
    """An object with a conversation and the interfaces it uses."""
    return (
        isinstance(value, dict)
        and isinstance(value.get("conversation"), list)
        and "apis_used" in value
    )


def messages(value: Any) -> list[dict[str, Any]]:
    """User and assistant turns; each call with its result stands before the words that follow it."""
    found: list[dict[str, Any]] = []
    for turn in value["conversation"]:
        for number, call in enumerate(turn.get("apis") or []):
            found += _call(f"turn-{turn['index']}-{number}", call)
        found.append({"role": turn["role"], "content": turn.get("text", "")})
    return found


def _call(name: str, call: dict[str, Any]) -> list[dict[str, Any]]:
    request = call["request"]
    result = (
        call.get("response") if call.get("exception") is None else {"exception": call["exception"]}
    )
    made = {"id": name, "name": request["api_name"], "arguments": request.get("parameters") or {}}
    return [
        {"role": "assistant", "content": "", "tool_calls": [made]},
        {
            "role": "tool",
            "tool_call_id": name,
            "name": request["api_name"],
            "content": result or {},
        },
    ]
