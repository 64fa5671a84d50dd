"""Will a release take the names of the tools?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from checks import text as reading
from checks.types import Check, Finding, Json, Message, Severity, Subject, Where

# What a record holds, and the formats that trainers read with it.
NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
RULE = "A name is 1 to 64 of the letters A to Z, digits, _ and -."


_ASK = "Ask your lead to rename it in the instruction."
_DO = {"trajectory": "Rename it in the file of the run."}


class ToolNames(Check):
    id = "tool_names"
    title = "Names of tools"
    description = (
        "Tools are named with the letters A to Z, digits, _ and - alone, 64 of them at most, where they "
        "are offered and where they are called. Training formats take no other name, so a response "
        "with one stays out of every release."
    )
    severity = Severity.WARNING

    def applies(self, subject: Subject) -> bool:
        return bool(subject.tools) or any(
            message.tool_calls or message.role == "tool"
            for message in (*subject.instruction, *subject.messages)
        )

    def __call__(self, subject: Subject) -> Iterator[Finding]:
        wrong = misnamed(subject.tools, (*subject.instruction, *subject.messages))
        if not wrong:
            return
        names = reading.listing(
            [f"'{reading.excerpt(name, 70)}'" if name else "none" for name in wrong]
        )
        several = (
            "Tool names that no release takes"
            if len(wrong) > 1
            else "A tool name that no release takes"
        )
        yield self.find(
            f"{several}: {names}.",
            advice=f"{RULE} {_DO.get(subject.kind, _ASK)}",
            where=Where("instruction"),
        )


def misnamed(tools: Iterable[Json], messages: Iterable[Message] = ()) -> list[str]:
    """The names of offered and called tools that no release takes, each once; an empty one is a missing name."""
    found = [*map(_named, tools)]
    for message in messages:
        found += map(_named, message.tool_calls)
        if message.role == "tool" and message.name:
            found.append(message.name)
    return [name for name in dict.fromkeys(found) if not NAME.fullmatch(name)]


def _named(tool: Json) -> str:
    """The name in either of the two common shapes, of a tool or of a call."""
    inner = tool.get("function")
    return str((inner if isinstance(inner, Mapping) else tool).get("name") or "")
