"""tau-bench: runs with `traj`, which are chat messages already."""

from typing import Any

NAME = "tau-bench"


def matches(value: Any) -> bool:
    """A run, or a list of runs."""
    run = _run(value)
    return isinstance(run, dict) and isinstance(run.get("traj"), list)


def messages(value: Any) -> list[dict[str, Any]]:
    """The messages of the run (the first one where the file holds several)."""
    return [_message(message) for message in _run(value)["traj"]]


def _run(value: Any) -> Any:
    return value[0] if isinstance(value, list) and value else value


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
