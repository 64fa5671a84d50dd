"""What a check gets and gives: plain frozen values, usable in a notebook, a task and a test.

All positions are counted in Unicode code points, ends are exclusive.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from typing import Any, ClassVar, Literal, TypeGuard

Json = Mapping[str, Any]
Part = Literal["response", "instruction", "evidence", "row"]


class Severity(StrEnum):
    """How a finding acts: an error blocks, a warning takes a reason, information only informs."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"

    @property
    def rank(self) -> int:
        return list(Severity).index(self)


@dataclass(frozen=True)
class Where:
    """The place a finding speaks of. ``message`` counts from 0 within its part, ``call`` within the
    message; ``argument`` is the path of an argument of that call, where the range is one in it.
    """

    part: Part = "response"
    message: int | None = None
    start: int | None = None
    end: int | None = None
    role: str | None = None
    call: int | None = None
    argument: str | None = None

    @property
    def inside(self) -> str:
        """In which argument of a tool call it is, as the end of a sentence; empty elsewhere."""
        if self.call is None:
            return ""
        return (
            f" in the argument '{self.argument}' of a tool call"
            if self.argument
            else " in the arguments of a tool call"
        )

    def as_dict(self) -> dict[str, Any]:
        return {key: value for key, value in vars(self).items() if value is not None}


@dataclass(frozen=True)
class Finding:
    """One thing a check found. ``data`` is JSON-ready and never holds a secret value."""

    check: str
    version: int
    severity: Severity
    message: str
    advice: str = ""
    where: Where = field(default_factory=Where)
    data: Json = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        return {
            "check": self.check,
            "version": self.version,
            "severity": self.severity.value,
            "message": self.message,
            "advice": self.advice,
            "where": self.where.as_dict(),
            "data": dict(self.data),
        }


@dataclass(frozen=True)
class Message:
    """One turn of a conversation, in the shape chat formats share."""

    role: str
    content: str = ""
    tool_calls: tuple[Json, ...] = ()
    tool_call_id: str = ""
    name: str = ""

    @classmethod
    def from_dict(cls, data: Json) -> Message:
        return cls(
            role=str(data.get("role", "")),
            content=text_of(data.get("content")),
            tool_calls=tuple(call for call in data.get("tool_calls") or () if _is_json(call)),
            tool_call_id=str(data.get("tool_call_id") or ""),
            name=str(data.get("name") or ""),
        )


@dataclass(frozen=True)
class Neighbour:
    """A known text that may be the same as ours: found by an index, not yet judged.

    ``ref`` names it to a person or a link; ``exact`` says that the normalised texts are equal.
    """

    ref: str
    part: Part
    text: str
    exact: bool = False
    label: str = ""


@dataclass(frozen=True)
class ProtectedHit:
    """A protected item met in one of our texts. ``coverage`` is the share of the item met, 0..1;
    ``held`` says that it is enough to hold the pair back."""

    benchmark: str
    item: str
    coverage: float
    longest: int
    words: int
    where: Where
    held: bool = True


@dataclass(frozen=True)
class Requirement:
    """One explicit ask of the instruction; ``check`` is its machine form, if it has one."""

    id: str
    text: str
    kind: str = "ask"
    check: Json | None = None


@dataclass(frozen=True)
class Subject:
    """Everything the checks may look at: what was asked, what was written, what is known."""

    target: Json
    instruction: tuple[Message, ...] = ()
    evidence: tuple[str, ...] = ()
    requirements: tuple[Requirement, ...] = ()
    coverage: Json | None = None
    sources: tuple[Json, ...] = ()
    format_spec: Json = field(default_factory=dict)
    language: str = ""
    tools: tuple[Json, ...] = ()
    target_schema: Json | None = None
    neighbours: tuple[Neighbour, ...] = ()
    protected: tuple[ProtectedHit, ...] = ()
    draft: bool = False
    has_response: bool = True

    @property
    def kind(self) -> str:
        return str(self.target.get("kind") or "text")

    @cached_property
    def messages(self) -> tuple[Message, ...]:
        """The target as turns; an object target is one assistant turn with its raw text."""
        raw = self.target.get("messages")
        if isinstance(raw, Sequence) and not isinstance(raw, str):
            return tuple(Message.from_dict(item) for item in raw if _is_json(item))
        return (Message("assistant", text_of(self.target.get("text"))),)

    @cached_property
    def written(self) -> tuple[tuple[int, Message], ...]:
        """The turns that a person wrote to be learnt from, with their index in the target."""
        return tuple(
            (i, m) for i, m in enumerate(self.messages) if m.role in {"assistant", "model", ""}
        )

    @cached_property
    def response(self) -> str:
        """The last written text: the answer a reader sees."""
        texts = [m.content for _, m in self.written if m.content.strip()]
        return texts[-1] if texts else ""

    @property
    def response_index(self) -> int:
        return next((i for i, m in reversed(self.written) if m.content.strip()), 0)

    @cached_property
    def question(self) -> str:
        """The user turns of the instruction, joined."""
        return "\n\n".join(m.content for m in self.instruction if m.role == "user" and m.content)

    @property
    def is_prose(self) -> bool:
        """Is the answer read as text (not an object, calls alone or the run of an agent)?"""
        return self.kind not in {"json", "tool_calls", "trajectory"}

    def fields(self) -> dict[str, Any]:
        """The values it was made of, to make another with some of them changed."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}

    def section(self, name: str) -> Json:
        """A section of the format spec; empty where the spec says nothing."""
        value: object = self.format_spec.get(name)
        return value if _is_json(value) else {}

    def texts(self) -> Iterator[tuple[Where, str]]:
        """Every text with its place: system and user turns, tool results, evidence, target."""
        for i, message in enumerate(self.instruction):
            yield from _texts_of("instruction", i, message)
        for i, text in enumerate(self.evidence):
            yield Where("evidence", i, 0, len(text)), text
        for i, message in enumerate(self.messages):
            yield from _texts_of("response", i, message)


def question_of(subject: Subject) -> str:
    """What makes the instruction the same question: its user turns and what was given with them."""
    return "\n\n".join(text for text in (subject.question, *subject.evidence) if text.strip())


def response_of(subject: Subject) -> str:
    """The written turns as one text: what makes the response the same answer."""
    return "\n\n".join(m.content for _, m in subject.written if m.content)


def _texts_of(part: Part, index: int, message: Message) -> Iterator[tuple[Where, str]]:
    if message.content:
        yield Where(part, index, 0, len(message.content), message.role), message.content
    for number, call in enumerate(message.tool_calls):
        for path, text in arguments_of(call).items():
            yield Where(part, index, 0, len(text), message.role, number, path), text


# Calls with more texts than this are read as one text.
_MOST_ARGUMENTS = 200


def arguments_of(call: Json) -> dict[str, str]:
    """Every text in the arguments of a tool call by its path, decoded where they are written as JSON;
    under no name where they are no JSON, or very many."""
    function = call.get("function")
    raw = (function if _is_json(function) else call).get("arguments")
    value: object = raw
    if isinstance(raw, str):
        try:
            value = json.loads(raw)
        except (ValueError, RecursionError):
            return {"": raw} if raw.strip() else {}
    found = dict(_strings_in(value))
    return found if len(found) <= _MOST_ARGUMENTS else {"": "\n".join(found.values())}


def _strings_in(value: object) -> Iterator[tuple[str, str]]:
    """Every string inside a JSON value with its path, however deep, in order."""
    stack: list[tuple[str, object]] = [("", value)]
    while stack:
        path, item = stack.pop()
        lead = f"{path}." if path else ""
        if isinstance(item, str):
            if item.strip():
                yield path, item
        elif isinstance(item, Mapping):
            stack.extend((f"{lead}{key}", inner) for key, inner in reversed(list(item.items())))
        elif isinstance(item, Sequence):
            stack.extend((f"{lead}{i}", inner) for i, inner in reversed(list(enumerate(item))))


def text_of(content: object) -> str:
    """The text of a message content: a string, or a list of parts of which the text ones count."""
    if isinstance(content, str):
        return content
    if isinstance(content, Sequence):
        parts = (p.get("text") if _is_json(p) else p for p in content)
        return "\n".join(p for p in parts if isinstance(p, str))
    return ""


def _is_json(value: object) -> TypeGuard[Json]:
    return isinstance(value, Mapping)


class Check(ABC):
    """One question asked of a subject. Raise ``version`` whenever its answers may change."""

    id: ClassVar[str]
    version: ClassVar[int] = 1
    title: ClassVar[str]
    description: ClassVar[str]
    severity: ClassVar[Severity] = Severity.WARNING
    section: ClassVar[str] = ""

    def applies(self, subject: Subject) -> bool:
        return bool(subject.response)

    @abstractmethod
    def __call__(self, subject: Subject) -> Iterator[Finding]:
        """Yield what was found, in the order of the text."""

    def severity_in(self, subject: Subject) -> Severity:
        """The severity that the check's section of the format spec asks for, or our own."""
        wanted = subject.section(self.section).get("severity") if self.section else None
        return Severity(wanted) if wanted in set(Severity) else self.severity

    def find(
        self,
        message: str,
        *,
        advice: str = "",
        severity: Severity | None = None,
        where: Where | None = None,
        **data: Any,
    ) -> Finding:
        return Finding(
            self.id,
            self.version,
            severity or self.severity,
            message,
            advice,
            where or Where(),
            data,
        )


def at(subject: Subject, start: int, end: int) -> Where:
    """A range of the answer (``subject.response``)."""
    return Where("response", subject.response_index, start, end, "assistant")


def with_severity(finding: Finding, severity: Severity) -> Finding:
    return replace(finding, severity=severity)
