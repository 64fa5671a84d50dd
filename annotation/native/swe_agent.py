"""SWE-agent `.traj`: an object with `history`, in some versions with tool calls, in some with commands in text."""

from typing import Any

NAME = "SWE-agent"


def matches(value: Any) -> bool:
    """An object with a history of messages."""
    return (
        isinstance(value, dict)
        and isinstance(value.get("history"), list)
        and ("trajectory" in value or any("message_type" in step for step in value["history"]))
    )


def messages(value: Any) -> list[dict[str, Any]]:
    """The history, demonstrations left out (they are no part of what the agent did)."""
    return [_message(step) for step in value["history"] if not step.get("is_demo")]


def _message(step: dict[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {"role": step["role"], "content": _text(step.get("content"))}
    calls = step.get("tool_calls")
    if calls:
        made["tool_calls"] = [
            {
                "id": call["id"],
                "name": call["function"]["name"],
                "arguments": call["function"]["arguments"],
            }
            for call in calls
        ]
    answered = step.get("tool_call_ids") or []
    if step["role"] == "tool" or answered:
        made |= {"role": "tool", "tool_call_id": answered[0] if answered else "unknown"}
    return made


def _text(content: Any) -> str:
    if isinstance(content, list):
        return "\n".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    return str(content or "")
