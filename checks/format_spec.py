"""The format spec of a project: what an answer must look like, as validated JSON.

Every section is optional; what a section does not say is not checked. ``severity`` in a section
says how its findings act (``error`` blocks, ``warning`` takes a reason, ``info`` informs), and
the ``severity`` section sets a whole check, or turns it ``off``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import jsonschema
import regex
from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError
from referencing import Registry
from referencing.exceptions import NoSuchResource

from checks.types import Severity

Spec = Mapping[str, Any]

_SEVERITIES = [s.value for s in Severity]
_SEVERITY = {"enum": _SEVERITIES}
_COUNT = {"type": "integer", "minimum": 0, "maximum": 1_000_000}
_RANGE = {
    "type": "object",
    "additionalProperties": False,
    "properties": {"min": _COUNT, "max": _COUNT},
}
_STRINGS = {"type": "array", "items": {"type": "string", "maxLength": 500}, "maxItems": 500}
_PATTERN = {"type": "string", "maxLength": 1000}
_BOOL = {"type": "boolean"}


def _section(**properties: object) -> dict[str, object]:
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {**properties, "severity": _SEVERITY},
    }


SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Format spec",
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "length": _section(words=_RANGE, tokens=_RANGE, sentences=_RANGE, paragraphs=_RANGE),
        "headings": _section(
            allowed=_BOOL,
            required=_STRINGS,
            forbidden=_STRINGS,
            in_order=_BOOL,
            max_level={"type": "integer", "minimum": 1, "maximum": 6},
        ),
        "lists": _section(
            allowed=_BOOL,
            marker={"enum": ["-", "*", "+"]},
            numbering={"enum": [".", ")"]},
            max_depth={"type": "integer", "minimum": 1, "maximum": 9},
        ),
        "tables": _section(allowed=_BOOL, required=_BOOL, max_columns=_COUNT),
        "citations": _section(
            style={"enum": ["numeric", "author_year", "footnote", "link", "pattern"]},
            pattern=_PATTERN,
            required=_BOOL,
            resolve=_BOOL,
        ),
        "code": _section(allowed=_BOOL, needs_language=_BOOL, languages=_STRINGS),
        "markdown": _section(allowed=_BOOL),
        "language": _section(codes={"type": "array", "items": {"type": "string", "maxLength": 35}}),
        "target": _section(
            kind={"enum": ["text", "messages", "json", "tool_calls", "trajectory"]},
            json_schema={"type": ["object", "boolean"]},
        ),
        "phrases": _section(banned=_STRINGS, patterns={"type": "array", "items": _PATTERN}),
        "opening": _section(
            no_flattery=_BOOL, no_greeting=_BOOL, answer_first=_BOOL, banned=_STRINGS
        ),
        "closing": _section(no_offer=_BOOL, no_summary=_BOOL, banned=_STRINGS),
        "privacy": _section(profile={"enum": ["standard", "safe_harbor", "off"]}, allow=_STRINGS),
        "reading_level": _section(max_grade={"type": "number", "minimum": 0, "maximum": 30}),
        "tools": _section(validate=_BOOL),
        "severity": {
            "type": "object",
            "additionalProperties": {"enum": [*_SEVERITIES, "off"]},
        },
    },
}

_VALIDATOR = Draft202012Validator(SCHEMA)
_DEFAULTS: dict[str, Any] = {
    "length": {"words": {"min": 1, "max": 4000}, "severity": "warning"},
    "headings": {"max_level": 4, "severity": "warning"},
    "lists": {"max_depth": 3, "severity": "warning"},
    "code": {"needs_language": True, "severity": "warning"},
    "opening": {"no_flattery": True, "no_greeting": True, "severity": "warning"},
    "closing": {"no_offer": True, "severity": "warning"},
    "privacy": {"profile": "standard"},
    "tools": {"validate": True, "severity": "error"},
    "severity": {"coverage": "warning"},
}
REGEX_SECONDS = 0.1


def defaults() -> dict[str, Any]:
    """A spec that suits most written answers; a fresh copy."""
    return {name: _copy(section) for name, section in _DEFAULTS.items()}


def _copy(value: Any) -> Any:
    return {k: _copy(v) for k, v in value.items()} if isinstance(value, dict) else value


def validate(spec: object) -> list[str]:
    """What is wrong with a spec, each with its place; empty when it can be used."""
    problems = [
        f"{_place(error.absolute_path)}: {error.message}"
        for error in sorted(_VALIDATOR.iter_errors(spec), key=lambda e: [*map(str, e.path)])
    ]
    return problems or list(_deeper(spec if isinstance(spec, Mapping) else {}))


def _place(path: Any) -> str:
    return ".".join(map(str, path)) or "The spec"


def _deeper(spec: Spec) -> Iterator[str]:
    """What a schema cannot say: sense of the numbers, patterns that compile, usable schemas."""
    for name, size in spec.get("length", {}).items():
        if isinstance(size, Mapping) and size.get("min", 0) > size.get("max", 10**9):
            yield f"length.{name}: the minimum is above the maximum."
    for i, pattern in enumerate(spec.get("phrases", {}).get("patterns", ())):
        if problem := pattern_problem(pattern):
            yield f"phrases.patterns.{i}: {problem}"
    citations = spec.get("citations", {})
    if citations.get("style") == "pattern":
        problem = pattern_problem(citations.get("pattern", "")) or (
            "" if citations.get("pattern") else "the style 'pattern' needs a pattern."
        )
        if problem:
            yield f"citations.pattern: {problem}"
    if "json_schema" in spec.get("target", {}):
        for problem in schema_problems(spec["target"]["json_schema"]):
            yield f"target.json_schema: {problem}"


def pattern_problem(pattern: str) -> str:
    """Why a regular expression cannot be used; empty when it can."""
    try:
        regex.compile(pattern)
    except regex.error as error:
        return f"not a regular expression: {error}."
    try:
        regex.search(pattern, "a" * 2000 + "!", timeout=REGEX_SECONDS)
    except TimeoutError:
        return "takes too long on a long line; make repeats inside repeats simpler."
    return ""


class RemoteReference(ValueError):
    """A JSON schema points outside itself."""


def _refuse(uri: str) -> Any:
    raise NoSuchResource(uri)


# Not even the schemas that the library bundles by address: a schema here stands alone.
_NO_REMOTE: Registry[Any] = Registry(retrieve=_refuse)  # type: ignore[call-arg]


def schema_problems(schema: object) -> list[str]:
    """Why a JSON schema cannot be used; empty when it can."""
    remote = sorted(set(_remote_references(schema)))
    if remote:
        return [
            f"refers to {ref}, which is outside the schema; copy that part into '$defs'."
            for ref in remote
        ]
    bad = [p for p in _patterns(schema) if pattern_problem(p)]
    if bad:
        return [f"pattern {pattern!r}: {pattern_problem(pattern)}" for pattern in bad]
    try:
        Draft202012Validator.check_schema(schema)  # type: ignore[arg-type]
    except SchemaError as error:
        return [f"not a JSON schema: {_place(error.absolute_path)}: {error.message}"]
    except RecursionError:
        return ["is nested too deeply."]
    return []


def _bounded_pattern(
    _validator: Any, pattern: str, instance: Any, _schema: Any
) -> Iterator[jsonschema.ValidationError]:
    """``pattern`` with a time limit: a schema comes from a person and may explode."""
    if not isinstance(instance, str):
        return
    try:
        if regex.search(pattern, instance, timeout=REGEX_SECONDS):
            return
        yield jsonschema.ValidationError(f"{instance[:60]!r} does not match {pattern!r}")
    except (TimeoutError, regex.error):
        yield jsonschema.ValidationError(f"the pattern {pattern!r} takes too long on this text")


_Bounded: Any = jsonschema.validators.extend(  # type: ignore[no-untyped-call]
    Draft202012Validator, {"pattern": _bounded_pattern}
)


def validator_of(schema: Mapping[str, Any] | bool) -> Any:
    """A validator that never leaves the schema. Raises ``RemoteReference``."""
    if any(True for _ in _remote_references(schema)):
        raise RemoteReference("The schema refers outside itself.")
    return _Bounded(schema, registry=_NO_REMOTE, format_checker=jsonschema.FormatChecker())


def _walk(value: object) -> Iterator[Mapping[str, Any]]:
    stack, seen = [value], 0
    while stack and seen < 100_000:
        seen += 1
        item = stack.pop()
        if isinstance(item, Mapping):
            yield item
            stack.extend(item.values())
        elif isinstance(item, list):
            stack.extend(item)


def _remote_references(schema: object) -> Iterator[str]:
    for node in _walk(schema):
        for key in ("$ref", "$dynamicRef", "$recursiveRef"):
            ref = node.get(key)
            if isinstance(ref, str) and not ref.startswith("#"):
                yield ref


def _patterns(schema: object) -> Iterator[str]:
    for node in _walk(schema):
        if isinstance(node.get("pattern"), str):
            yield node["pattern"]
        if isinstance(node.get("patternProperties"), Mapping):
            yield from node["patternProperties"]
