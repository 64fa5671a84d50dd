"""The requirements of an instruction, as files write them, with the rules that code can verify."""

from collections.abc import Mapping
from typing import Any

from annotation.importing.rows import RowRefused
from annotation.importing.values import as_text, decoded
from checks.catalog.verifiable import verify

_KINDS = {"ask", "constraint", "false_premise"}


def requirements_of(value: Any) -> list[dict[str, Any]]:
    """[{"id", "text", "kind", "check"?}], from a list of texts or objects, or from lines."""
    value = decoded(value)
    if isinstance(value, str):
        value = [line.strip(" -*•\t") for line in value.splitlines()]
    if value is None:
        return []
    if not isinstance(value, list):
        raise RowRefused(
            "requirements", "A list is expected here, or one requirement a line.", value
        )
    found: list[dict[str, Any]] = []
    for part in value:
        asked = part if isinstance(part, Mapping) else {"text": as_text(part, "requirements")}
        text, kind = str(asked.get("text", "")).strip(), str(asked.get("kind", "ask"))
        if kind not in _KINDS:
            raise RowRefused(
                "requirements", f"A requirement is one of {', '.join(sorted(_KINDS))}.", kind
            )
        if text:
            found.append(
                {
                    "id": str(asked.get("id") or f"r{len(found) + 1}")[:40],
                    "text": text,
                    "kind": kind,
                    **_check_of(asked),
                }
            )
    return found


def _check_of(asked: Mapping[str, Any]) -> dict[str, Any]:
    """The machine form of a requirement, if it has one that code knows."""
    check = asked.get("check")
    if not check:
        return {}
    try:
        verify("", check if isinstance(check, Mapping) else {})
    except (KeyError, ValueError) as problem:
        raise RowRefused(
            "requirements",
            "This rule cannot be checked by code: its kind or numbers are unknown.",
            check,
        ) from problem
    return {"check": check}


def ifeval_requirements(values: Mapping[str, Any]) -> list[dict[str, Any]] | None:
    """`instruction_id_list` and `kwargs`, entry by entry, as requirements that code can verify."""
    kinds, parameters = (decoded(values.get(name)) for name in ("instruction_id_list", "kwargs"))
    if not isinstance(kinds, list) or not isinstance(parameters, list):
        return None
    return [
        {
            "text": _in_words(str(kind), given),
            "kind": "constraint",
            "check": {"type": kind, **given},
        }
        for kind, given in zip(kinds, map(_given, parameters), strict=False)
    ]


def _given(parameters: Any) -> dict[str, Any]:
    """The parameters that are set; tables write the others as null."""
    pairs = parameters.items() if isinstance(parameters, Mapping) else ()
    return {name: value for name, value in pairs if value is not None}


def _in_words(kind: str, parameters: Mapping[str, Any]) -> str:
    """`length_constraints:number_words` as "Number words (relation: at least, num words: 300)"."""
    name = kind.partition(":")[2].replace("_", " ").capitalize() or kind
    said = ", ".join(
        f"{word.replace('_', ' ')}: {', '.join(map(str, value)) if isinstance(value, list) else value}"
        for word, value in parameters.items()
        if word != "prompt_to_repeat"
    )
    return f"{name} ({said})" if said else name
