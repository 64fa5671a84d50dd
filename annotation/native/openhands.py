"""OpenHands: a list of events, actions of the agent and what was observed."""

from typing import Any

NAME = "OpenHands"


def matches(value: Any) -> bool:
    """A list of events with a source, of which some are actions or observations."""
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(event, dict) and "source" in event for event in value)
        and any("action" in event or "observation" in event for event in value)
    )


def messages(value: Any) -> list[dict[str, Any]]:
    """Messages of both sides, every action as a call and every observation as its result."""
    found: list[dict[str, Any]] = []
    for event in value:
        found += _event(event)
    return found


def _event(event: dict[str, Any]) -> list[dict[str, Any]]:
    name = str(event.get("cause", event.get("id", "")))
    about = event.get("tool_call_metadata") or {}
    call_id = about.get("tool_call_id") or f"event-{name}"
    if "observation" in event:
        if event["observation"] in {"null", "agent_state_changed"}:
            return []
        tool = about.get("function_name") or event["observation"]
        return [
            {
                "role": "tool",
                "tool_call_id": call_id,
                "name": tool,
                "content": event.get("content", ""),
            }
        ]
    arguments = dict(event.get("args") or {})
    if event.get("action") == "message":
        role = "user" if event["source"] == "user" else "assistant"
        return [{"role": role, "content": arguments.get("content") or event.get("message", "")}]
    if event["source"] != "agent" or event.get("action") in {"null", "change_agent_state"}:
        return []
    if event.get("action") == "finish":  # the last word, which nothing answers
        words = arguments.get("final_thought") or arguments.get("thought") or event.get("message")
        return [{"role": "assistant", "content": _said(about) or words or "Finished."}]
    said = _said(about) or arguments.pop("thought", "")
    tool = about.get("function_name") or event["action"]
    call = {"id": about.get("tool_call_id") or f"event-{event.get('id', '')}", "name": tool}
    return [
        {
            "role": "assistant",
            "content": said,
            "tool_calls": [call | {"arguments": _sent(about, arguments)}],
        }
    ]


def _sent(about: dict[str, Any], arguments: dict[str, Any]) -> Any:
    """The arguments as the model wrote them, where the event keeps its answer."""
    for call in _answer(about).get("tool_calls") or []:
        if call.get("id") == about.get("tool_call_id"):
            return call["function"]["arguments"]
    return arguments


def _said(about: dict[str, Any]) -> str:
    return str(_answer(about).get("content") or "")


def _answer(about: dict[str, Any]) -> dict[str, Any]:
    choices = (about.get("model_response") or {}).get("choices") or [{}]
    return dict(choices[0].get("message") or {})
