"""Does a structured answer parse, and does it satisfy its schema?"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from checks import text as reading
from checks.format_spec import RemoteReference, validator_of
from checks.types import Check, Finding, Severity, Subject, at

_MOST_ERRORS = 20


class JsonSchema(Check):
    id = "json_schema"
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
        text = subject.response
        where = at(subject, 0, len(text))
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
                    f"{place}: {reading.excerpt(fault.message, 160)}",
                    advice="Correct the value, or the schema if it asks for the wrong thing.",
                    severity=severity,
                    where=where,
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


def _value(subject: Subject) -> Any:
    if subject.target.get("object") is not None and not subject.target.get("text"):
        return subject.target["object"]
    return json.loads(subject.response, object_pairs_hook=_once)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keys = [key for key, _ in pairs]
    if len(set(keys)) < len(keys):
        doubled = next(k for k in keys if keys.count(k) > 1)
        raise ValueError(f"the key {doubled!r} stands twice in one object")
    return dict(pairs)
