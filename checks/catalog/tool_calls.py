"""Could the tool calls of the target be run, and do they fit together?"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from checks import text as reading
from checks.format_spec import RemoteReference, validator_of
from checks.types import Check, Finding, Json, Message, Severity, Subject, Where

_NAME = re.compile(r"^[A-Za-z0-9_.-]{1,64}$")


class ToolCalls(Check):
    id = "tool_calls"
    title = "Tool calls"
    description = (
        "Every call names a given tool, its arguments parse and satisfy the tool's schema, each "
        "call is answered once before the next turn, and nothing is called after the end."
    )
    severity = Severity.ERROR
    section = "tools"

    def applies(self, subject: Subject) -> bool:
        has_calls = any(m.tool_calls or m.role == "tool" for m in subject.messages)
        wanted = subject.kind == "tool_calls"
        return (has_calls or wanted) and subject.section("tools").get("validate") is not False

    def __call__(self, subject: Subject) -> Iterator[Finding]:
        tools = {name: tool for tool in subject.tools if (name := _tool_name(tool))}
        if subject.kind == "tool_calls" and not any(m.tool_calls for m in subject.messages):
            yield self._wrong(
                subject,
                0,
                "A tool call is asked and there is none.",
                "Add the call that the task needs.",
            )
        for index, message in enumerate(subject.messages):
            for call in message.tool_calls:
                yield from self._call(subject, index, call, tools)
        yield from self._order(subject)

    def _call(
        self, subject: Subject, index: int, call: Json, tools: Mapping[str, Json]
    ) -> Iterator[Finding]:
        inner = call.get("function")
        function: Json = inner if isinstance(inner, Mapping) else call
        name = str(function.get("name") or "")
        if not name or not _NAME.match(name):
            yield self._wrong(
                subject, index, f"A call has no usable name ({name!r}).", "Name a tool of the list."
            )
            return
        if tools and name not in tools:
            yield self._wrong(
                subject,
                index,
                f"The tool '{name}' is not offered.",
                f"Use one of {reading.listing(sorted(tools))}.",
            )
            return
        try:
            arguments = _arguments(function)
        except ValueError as error:
            yield self._wrong(
                subject,
                index,
                f"The arguments of '{name}' are not JSON: {error}.",
                "Give a JSON object.",
            )
            return
        if not isinstance(arguments, Mapping):
            yield self._wrong(
                subject,
                index,
                f"The arguments of '{name}' are no object.",
                'Give an object like {"city": "Oslo"}.',
            )
        elif name in tools:
            yield from self._validate(subject, index, name, arguments, _parameters(tools[name]))

    def _validate(
        self, subject: Subject, index: int, name: str, arguments: Json, schema: Json
    ) -> Iterator[Finding]:
        try:
            for error in validator_of(schema).iter_errors(arguments):
                place = ".".join(map(str, error.absolute_path)) or "arguments"
                yield self._wrong(
                    subject,
                    index,
                    f"'{name}': {place}: {reading.excerpt(error.message, 160)}.",
                    "Correct the argument.",
                )
        except RemoteReference:
            yield self._wrong(
                subject,
                index,
                f"The schema of '{name}' refers outside itself.",
                "Ask for the tool's schema to be made complete.",
            )

    def _order(self, subject: Subject) -> Iterator[Finding]:
        waiting: dict[str, int] = {}
        known: set[str] = set()
        for index, message in enumerate(subject.messages):
            if message.role == "tool":
                yield from self._result(subject, index, message, waiting, known)
                continue
            for call_id, at_turn in waiting.items():
                yield self._wrong(
                    subject,
                    at_turn,
                    f"The call {call_id!r} has no result.",
                    "Add the tool's result before the next turn.",
                )
            waiting = {}
            for call in message.tool_calls:
                call_id = str(call.get("id") or "")
                if call_id and call_id in known:
                    yield self._wrong(
                        subject,
                        index,
                        f"The call id {call_id!r} is used twice.",
                        "Give each call its own id.",
                    )
                known.add(call_id)
                waiting[call_id] = index
        if subject.kind == "trajectory":
            for call_id, at_turn in waiting.items():
                yield self._wrong(
                    subject,
                    at_turn,
                    f"The call {call_id!r} has no result.",
                    "Add the result, or end before the call.",
                )

    def _result(
        self,
        subject: Subject,
        index: int,
        message: Message,
        waiting: dict[str, int],
        known: set[str],
    ) -> Iterator[Finding]:
        call_id = message.tool_call_id
        if call_id in waiting:
            del waiting[call_id]
        elif not call_id and len(waiting) == 1:
            waiting.clear()
        else:
            reason = "was answered before" if call_id in known else "answers no call"
            yield self._wrong(
                subject,
                index,
                f"The tool result {call_id!r} {reason}.",
                "Give it the id of the call that it answers.",
            )

    def _wrong(self, subject: Subject, index: int, message: str, advice: str) -> Finding:
        role = subject.messages[index].role if index < len(subject.messages) else None
        return self.find(
            message,
            advice=advice,
            severity=self.severity_in(subject),
            where=Where("response", index, role=role),
        )


def _tool_name(tool: Json) -> str:
    inner = tool.get("function")
    return str((inner if isinstance(inner, Mapping) else tool).get("name") or "")


def _parameters(tool: Json) -> Json:
    inner = tool.get("function")
    source: Json = inner if isinstance(inner, Mapping) else tool
    schema = source.get("parameters") or source.get("input_schema")
    return schema if isinstance(schema, Mapping) else {}


def _arguments(function: Json) -> Any:
    raw = function.get("arguments", {})
    return json.loads(raw or "{}") if isinstance(raw, str) else raw
