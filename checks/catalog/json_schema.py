"""Does a structured answer parse, and does it satisfy its schema?"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from checks import text as reading
from checks.format_spec import RemoteReference, validator_of
from checks.types import Check, Finding, Severity, Subject, at

_MOST_ERRORS = 20
_SPACE = re.compile(r"[ \t\n\r]*")


class JsonSchema(Check):
    id = "json_schema"
    version = 2
    title = "Structured answer"
    description = (
        "The target is one JSON value without doubled keys, and satisfies the schema of the "
        "instruction or of the format spec (draft 2020-12; references outside it are refused)."
    )
    severity = Severity.ERROR
    section = "target"

    def applies(self, subject: Subject) -> bool:
        return subject.kind == "json" or (
            bool(subject.response)
            and isinstance(_schema(subject), Mapping)
            and subject.kind == "text"
        )

    def __call__(self, subject: Subject) -> Iterator[Finding]:
        severity = self.severity_in(subject)
        text = "" if _is_given(subject) else subject.response
        where = at(subject, 0, len(subject.response))
        try:
            value = _value(subject)
        except ValueError as error:
            yield self.find(
                f"This is not JSON: {error}.",
                advice="Correct it at that place.",
                severity=severity,
                where=where,
            )
            return
        except RecursionError:
            yield self.find(
                "This JSON is nested too deeply.",
                advice="Flatten it.",
                severity=severity,
                where=where,
            )
            return
        schema = _schema(subject)
        if schema is None:
            return
        try:
            for count, fault in enumerate(validator_of(schema).iter_errors(value)):
                if count == _MOST_ERRORS:
                    return
                place = ".".join(map(str, fault.absolute_path)) or "the value"
                yield self.find(
                    f"{place}: {reading.excerpt(fault.message, 160)}.",
                    advice="Correct it; where the schema asks for the wrong thing, tell the project lead.",
                    severity=severity,
                    where=at(subject, *_place_of(text, fault.absolute_path)) if text else where,
                    path=list(map(str, fault.absolute_path)),
                )
        except RemoteReference:
            yield self.find(
                "The schema refers outside itself and was not used.",
                advice="Ask the project lead to copy that part into '$defs'.",
                severity=Severity.WARNING,
            )


def _schema(subject: Subject) -> Mapping[str, Any] | bool | None:
    own = subject.target_schema
    if own:
        return own
    asked = subject.section("target").get("json_schema")
    return asked if isinstance(asked, (Mapping, bool)) else None


def _is_given(subject: Subject) -> bool:
    """Whether the value came as such, so that it has no place in a text."""
    return subject.target.get("object") is not None and not subject.target.get("text")


def _value(subject: Subject) -> Any:
    if _is_given(subject):
        return subject.target["object"]
    return json.loads(subject.response, object_pairs_hook=_once)


def _place_of(text: str, path: Iterable[str | int]) -> tuple[int, int]:
    """Where the value at `path` stands in a JSON text that was parsed already: its start and its end."""
    read = json.JSONDecoder().raw_decode
    start = _after_space(text, 0)
    for step in path:
        keyed, number, here = text[start] == "{", 0, start + 1
        while True:
            here, key = _after_space(text, here), number
            if keyed:
                key, here = read(text, here)
                here = _after_space(text, _after_space(text, here) + 1)  # past the colon
            if key == step:
                break
            here = _after_space(text, read(text, here)[1]) + 1  # past the comma
            number += 1
        start = here
    return start, read(text, start)[1]


def _after_space(text: str, here: int) -> int:
    found = _SPACE.match(text, here)
    return found.end() if found else here


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keys = [key for key, _ in pairs]
    if len(set(keys)) < len(keys):
        doubled = next(k for k in keys if keys.count(k) > 1)
        raise ValueError(f"the key {doubled!r} stands twice in one object")
    return dict(pairs)
