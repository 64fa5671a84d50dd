"""tau-bench: runs with `traj`, which are chat messages already."""

from typing import Any

NAME = "tau-bench"


def matches(value: Any) -> bool:
    """A run."""
    return isinstance(value, dict) and isinstance(value.get("traj"), list)


def messages(value: Any) -> list[dict[str, Any]]:
    """The messages of the run."""
    return [_message(message) for message in value["traj"]]


def _message(message: dict[str, Any]) -> dict[str, Any]:
    made = {"role": message["role"], "content": message.get("content") or ""}
    if message.get("tool_calls"):
        made["tool_calls"] = [
            {
                "id": call["id"],
                "name": call["function"]["name"],
                "arguments": call["function"]["arguments"],
            }
            for call in message["tool_calls"]
        ]
    if message["role"] == "tool":
        made |= {"tool_call_id": message["tool_call_id"], "name": message.get("name", "tool")}
    return made
