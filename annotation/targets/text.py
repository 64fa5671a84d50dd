"""One response: the text exactly as typed."""

from collections.abc import Mapping
from typing import Any

FIELD = "response"


def compile_target(fields: Mapping[str, str], extras: Mapping[str, Any]) -> dict[str, Any]:
    """{"kind": "text", "messages": [one assistant message]}; not a character is changed."""
    return {"kind": "text", "messages": [{"role": "assistant", "content": fields.get(FIELD, "")}]}
