"""From a row to instructions, by a plan; pure. What does not fit is refused with its field and reason."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson

from annotation.enums import TargetKind
from annotation.importing.columns import TOGETHER
from annotation.importing.conversation import (
    Message,
    Threads,
    messages_of,
    pairs_of,
    spread,
    without_answer,
)
from annotation.importing.draft import Draft
from annotation.importing.files import Files, attachments_of
from annotation.importing.paths import elements, split_place, value_at
from annotation.importing.plan import Plan
from annotation.importing.readers.workbook import CellError, Formula
from annotation.importing.rows import Refusal, Row, RowRefused
from checks.catalog.verifiable import verify

LONGEST_TEXT = 400_000
LARGEST_DRAFT = 2 << 20
_LEVELS = {"very easy": 1, "easy": 2, "medium": 3, "hard": 4, "very hard": 5}
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")
# The escape itself, not a backslash that somebody wrote before the letters u0000.
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
_KINDS = {"ask", "constraint", "false_premise"}
_TARGETS = frozenset(TargetKind.values)
_TEXT, _MESSAGES = TargetKind.TEXT.value, TargetKind.MESSAGES.value


class Drafting:
    """Turns the rows of one file into drafts. Knows the domains by every word they go by.

    `domains` maps lower-case paths, names and aliases to paths; `files` finds the images and PDFs that rows
    name. `answers` counts rows that are answers by themselves, as in trees of messages, and so are no
    instructions.
    """

    def __init__(
        self, plan: Plan, domains: Mapping[str, str], file: str, files: Files | None = None
    ) -> None:
        self.plan, self.domains, self.file, self.files = plan, domains, file, files
        self.aliases = {word.strip().lower(): path for word, path in plan.aliases.items()}
        self.place = split_place(
            [
                path
                for name, path in plan.columns.items()
                if name in {"instruction", "messages", "context"}
            ]
        )
        self.threads = Threads()
        self.answers = 0

    def drafts(self, row: Row) -> Iterator[Draft | Refusal]:
        """What one row gives: usually one draft; several where it holds a list or a tree; or a refusal."""
        try:
            records = list(self._records(row.values))
        except RowRefused as refused:
            yield refused.at(row.line)
            return
        for record in records:
            try:
                yield self._draft(record, row.line)
            except RowRefused as refused:
                yield refused.at(row.line)

    def _records(self, values: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
        asking = list(spread(values, self.threads))
        self.answers += not asking
        for record in asking:
            yield from elements(record, self.place) if self.place else [record]

    # ---- one record ----

    def _draft(self, values: Mapping[str, Any], line: int) -> Draft:
        messages = self._messages(values)
        kind = self._text(values, "target_kind") or _usual_kind(messages)
        if kind not in _TARGETS:
            raise RowRefused(
                "target_kind", f"The shape is one of {', '.join(TargetKind.values)}.", kind
            )
        draft = Draft(
            messages=messages,
            domain=self._domain(values),
            external_id=self._text(values, "external_id")[:200],
            evidence=self._evidence(values),
            attachments=self._attachments(values),
            tools=_tools(self._value(values, "tools")),
            requirements=self._requirements(values),
            target_kind=kind,
            target_schema=_object(self._value(values, "target_schema"), "target_schema"),
            language=self._language(values),
            difficulty=_difficulty(self._value(values, "difficulty")),
            task_type=self._text(values, "task_type")[:60],
            tags=_tags(self._value(values, "tags")),
            source=_named(self._value(values, "source"), "reference")
            | {"file": self.file, "row": line},
            rights=_named(self._value(values, "rights"), "licence"),
            responses_wanted=_whole(
                self._value(values, "responses_wanted"), "responses_wanted", 1, 20
            ),
            priority=_whole(self._value(values, "priority"), "priority", -1000, 1000) or 0,
        )
        _require_storable(draft)
        return draft

    def _value(self, values: Mapping[str, Any], name: str) -> Any:
        path = self.plan.columns.get(name)
        return self._value_at(values, name, path) if path else self.plan.constants.get(name)

    def _value_at(self, values: Mapping[str, Any], name: str, path: str) -> Any:
        found = value_at(values, path) if path else None
        if found is None or found == "":
            return self.plan.constants.get(name)
        if isinstance(found, Formula):
            raise RowRefused(name, "This cell holds a formula; put its value there instead.", found)
        if isinstance(found, CellError):
            raise RowRefused(name, "This cell shows an error instead of a value.", found)
        if self.place and path and "[]" in path and isinstance(found, list) and len(found) == 1:
            return found[0]
        return found

    def _text(self, values: Mapping[str, Any], name: str) -> str:
        return _as_text(self._value(values, name), name)

    def _messages(self, values: Mapping[str, Any]) -> list[Message]:
        before: list[Message] = []
        if system := self._text(values, "system"):
            before.append({"role": "system", "content": system})
        if history := self._value(values, "history"):
            before += pairs_of(history)
        if "messages" in self.plan.columns:
            messages = [*before, *without_answer(messages_of(self._value(values, "messages")))]
        else:
            messages = [*before, {"role": "user", "content": self._question(values)}]
        if not any(
            message["role"] == "user" and message["content"].strip() for message in messages
        ):
            raise RowRefused("messages", "Nobody asks anything in this conversation.")
        return messages

    def _question(self, values: Mapping[str, Any]) -> str:
        asked = self._text(values, "instruction")
        if not asked.strip():
            raise RowRefused("instruction", "The instruction is empty.")
        context = self._text(values, "context")
        return f"{asked}\n\n{context}" if context.strip() else asked

    def _evidence(self, values: Mapping[str, Any]) -> list[dict[str, str]]:
        """From all columns that hold it, numbered through."""
        columns = self.plan.columns.get("evidence", "").split(TOGETHER)
        parts = [
            part for path in columns for part in _evidence(self._value_at(values, "evidence", path))
        ]
        return [{**part, "id": f"e{number}"} for number, part in enumerate(parts, 1)]

    def _requirements(self, values: Mapping[str, Any]) -> list[dict[str, Any]]:
        """From their own column; else from the two lists in which IFEval's files name theirs."""
        asked = self._value(values, "requirements")
        return _requirements(_ifeval(values) if asked is None else asked)

    def _attachments(self, values: Mapping[str, Any]) -> list[dict[str, Any]]:
        value = _decoded(self._value(values, "attachments"))
        return [] if value in (None, "", []) else attachments_of(value, self.files)

    def _domain(self, values: Mapping[str, Any]) -> str:
        said = self._text(values, "domain").strip()
        if not said:
            raise RowRefused(
                "domain", "No field of expertise is named, and the project has no default one.", ""
            )
        word = said.lower()
        path = self.domains.get(self.aliases.get(word, word).lower())
        if path is None:
            raise RowRefused("domain", "This field of expertise is not known here.", said)
        return path

    def _language(self, values: Mapping[str, Any]) -> str:
        said = self._text(values, "language").strip().replace("_", "-") or "en"
        if len(said) > 20 or not _LANGUAGE.fullmatch(said):
            raise RowRefused("language", "A language is a tag like en or pt-BR.", said)
        first, _, rest = said.partition("-")
        return f"{first.lower()}-{rest}" if rest else first.lower()


def _usual_kind(messages: Sequence[Message]) -> str:
    """Several questions in a row want several answers; everything else one."""
    last_two = [message["role"] for message in messages[-2:]]
    return _MESSAGES if last_two == ["user", "user"] else _TEXT


def _as_text(value: Any, field: str) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return "\n\n".join(value)
    if isinstance(value, (list, Mapping, bytes)):
        kind = {list: "a list", bytes: "binary data"}.get(type(value), "an object")
        raise RowRefused(field, f"Text is expected here, this is {kind}.", value)
    return str(value)


def _decoded(value: Any) -> Any:
    """JSON that a table holds in a cell, as what it says; any other text as it is."""
    if isinstance(value, str) and value[:1] in {"[", "{"}:
        try:
            return orjson.loads(value)
        except orjson.JSONDecodeError:
            return value
    return value


def _evidence(value: Any) -> list[dict[str, str]]:
    """[{"title", "text", "url"?}]: a passage, a list of passages, or a table in rows."""
    value = _decoded(value)
    if value is None or value in ("", []):
        return []
    if isinstance(value, list) and all(isinstance(part, list) for part in value):
        value = [_markdown_table(value)]
    parts = value if isinstance(value, list) else [value]
    found = []
    for part in parts:
        if isinstance(part, Mapping):
            named = {name: str(part[name]) for name in ("title", "text", "url") if part.get(name)}
            found.append({"title": "", **named})
        else:
            found.append({"title": "", "text": _as_text(part, "evidence")})
    return found


def _markdown_table(rows: Sequence[Sequence[Any]]) -> str:
    lines = [
        "| " + " | ".join(_as_text(cell, "evidence").replace("|", "\\|") for cell in row) + " |"
        for row in rows
    ]
    return "\n".join([lines[0], "|" + "---|" * len(rows[0]), *lines[1:]])


def _ifeval(values: Mapping[str, Any]) -> list[dict[str, Any]] | None:
    """`instruction_id_list` and `kwargs`, entry by entry, as requirements that code can verify."""
    kinds, parameters = (_decoded(values.get(name)) for name in ("instruction_id_list", "kwargs"))
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


def _requirements(value: Any) -> list[dict[str, Any]]:
    value = _decoded(value)
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
        asked = part if isinstance(part, Mapping) else {"text": _as_text(part, "requirements")}
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


def _tools(value: Any) -> list[Any]:
    value = _decoded(value)
    if value in (None, ""):
        return []
    if isinstance(value, Mapping):
        value = [value]
    if not isinstance(value, list) or not all(isinstance(tool, Mapping) for tool in value):
        raise RowRefused("tools", "A list of tool schemas is expected here.", value)
    return value


def _object(value: Any, field: str) -> Mapping[str, Any]:
    value = _decoded(value)
    if value in (None, ""):
        return {}
    if not isinstance(value, Mapping):
        raise RowRefused(field, "A JSON object is expected here.", value)
    return value


def _named(value: Any, name: str) -> dict[str, Any]:
    value = _decoded(value)
    if value in (None, ""):
        return {}
    return dict(value) if isinstance(value, Mapping) else {name: _as_text(value, name)}


def _difficulty(value: Any) -> int:
    if value in (None, ""):
        return 3
    level = _LEVELS.get(str(value).strip().lower())
    return level or _whole(value, "difficulty", 1, 5) or 3


def _whole(value: Any, field: str, low: int, high: int) -> int | None:
    if value in (None, ""):
        return None
    try:
        number = int(str(value).strip())
    except ValueError:
        number = low - 1
    if not low <= number <= high:
        raise RowRefused(field, f"A whole number from {low} to {high} is expected here.", value)
    return number


def _tags(value: Any) -> list[str]:
    value = _decoded(value)
    if value is None:
        return []
    words = value if isinstance(value, list) else _as_text(value, "tags").split(",")
    tags = [_as_text(word, "tags").strip()[:80] for word in words]
    return list(dict.fromkeys(tag for tag in tags if tag))[:50]


def _require_storable(draft: Draft) -> None:
    """Refuse what the database cannot hold or no page can show, naming the place."""
    for place, value in (
        ("instruction", draft.messages), ("evidence", draft.evidence),
        ("attachments", draft.attachments), ("requirements", draft.requirements),
        ("tools", draft.tools), ("source", draft.source), ("rights", draft.rights), ("tags", draft.tags),
        ("target_schema", draft.target_schema), ("external_id", draft.external_id), ("task_type", draft.task_type),
    ):  # fmt: skip
        if not value:
            continue
        try:
            stored = orjson.dumps(value)
        except (TypeError, ValueError, RecursionError) as problem:
            raise RowRefused(place, _why_unstorable(str(problem)), value) from problem
        if b"\\u0000" in stored and _NUL.search(stored):
            raise RowRefused(
                place, "A NUL character stands in this text; no text holds one.", value
            )
        if len(stored) > LARGEST_DRAFT:
            raise RowRefused(place, "This is larger than 2 MB.", value)
    longest = max(len(message["content"]) for message in draft.messages)
    if longest > LONGEST_TEXT:
        raise RowRefused(
            "instruction", f"This text has {longest:,} characters; {LONGEST_TEXT:,} can be shown."
        )


def _why_unstorable(problem: str) -> str:
    if "surrogate" in problem:
        return "Here stands a byte that is not of the file's encoding, or half of a character."
    if "ecursion" in problem:
        return "This is nested too deeply."
    return "This value cannot be stored as text."
