"""From a row to instructions, by a plan; pure. What does not fit is refused with its field and reason."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import checks.types
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
from annotation.importing.late import MOST_NAMED, LateColumns
from annotation.importing.paths import elements, split_place, value_at
from annotation.importing.plan import Plan
from annotation.importing.readers.workbook import CellError, Formula
from annotation.importing.requirements import ifeval_requirements, requirements_of
from annotation.importing.rows import Refusal, Row, RowRefused, excerpt
from annotation.importing.storable import require_storable
from annotation.importing.values import (
    as_text,
    decoded,
    difficulty_of,
    evidence_of,
    named_of,
    object_of,
    tags_of,
    tools_of,
    whole_of,
)
from checks.catalog.tool_names import misnamed

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")
_TARGETS = frozenset(TargetKind.values)
_TEXT, _MESSAGES, _CALLS = (
    TargetKind.TEXT.value, TargetKind.MESSAGES.value, TargetKind.TOOL_CALLS.value,
)  # fmt: skip


class Drafting:
    """Turns the rows of one file into drafts. Knows the domains by every word they go by.

    `domains` maps lower-case paths, names and aliases to paths; `files` finds the images and PDFs that rows
    name. `plan` is completed by columns that first appear in a later row. `answers` counts rows that are
    answers by themselves, as in trees of messages, and so are no instructions; `misnamed` holds names of tools that
    no release takes, as long as they are few enough to be told.
    """

    def __init__(
        self, plan: Plan, domains: Mapping[str, str], file: str, files: Files | None = None
    ) -> None:
        self.domains, self.file, self.files = domains, file, files
        self.late = LateColumns(plan, domains)
        self._follow(plan)
        self.aliases = {word.strip().lower(): path for word, path in plan.aliases.items()}
        self.threads = Threads()
        self.answers = 0
        self.misnamed: dict[str, None] = {}

    def _follow(self, plan: Plan) -> None:
        self.plan = plan
        self.place = split_place(
            [
                path
                for name, path in plan.columns.items()
                if name in {"instruction", "messages", "context"}
            ]
        )

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
            if self.late.notice(record):
                self._follow(self.late.plan)
            yield from elements(record, self.place) if self.place else [record]

    # ---- one record ----

    def _draft(self, values: Mapping[str, Any], line: int) -> Draft:
        messages = self._messages(values)
        tools = tools_of(self._value(values, "tools"))
        kind = self._text(values, "target_kind") or _usual_kind(messages, tools)
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
            tools=tools,
            requirements=self._requirements(values),
            target_kind=kind,
            target_schema=object_of(self._value(values, "target_schema"), "target_schema"),
            language=self._language(values),
            difficulty=difficulty_of(self._value(values, "difficulty")),
            task_type=self._text(values, "task_type")[:60],
            tags=tags_of(self._value(values, "tags")),
            source=named_of(self._value(values, "source"), "reference")
            | {"file": self.file, "row": line},
            rights=named_of(self._value(values, "rights"), "licence"),
            responses_wanted=whole_of(
                self._value(values, "responses_wanted"), "responses_wanted", 1, 20
            ),
            priority=whole_of(self._value(values, "priority"), "priority", -1000, 1000) or 0,
        )
        require_storable(draft)
        self._note_names(draft)
        return draft

    def _note_names(self, draft: Draft) -> None:
        """What no release takes is told before anybody writes; the rows are taken all the same."""
        called = any("tool_calls" in message for message in draft.messages)
        if (draft.tools or called) and len(self.misnamed) < MOST_NAMED:
            said = map(checks.types.Message.from_dict, draft.messages)
            self.misnamed |= dict.fromkeys(map(excerpt, misnamed(draft.tools, said)))

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
        return as_text(self._value(values, name), name)

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
            part
            for path in columns
            for part in evidence_of(self._value_at(values, "evidence", path))
        ]
        return [{**part, "id": f"e{number}"} for number, part in enumerate(parts, 1)]

    def _requirements(self, values: Mapping[str, Any]) -> list[dict[str, Any]]:
        """From their own column; else from the two lists in which IFEval's files name theirs."""
        asked = self._value(values, "requirements")
        return requirements_of(ifeval_requirements(values) if asked is None else asked)

    def _attachments(self, values: Mapping[str, Any]) -> list[dict[str, Any]]:
        value = decoded(self._value(values, "attachments"))
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


def _usual_kind(messages: Sequence[Message], tools: Sequence[Any]) -> str:
    """Several questions in a row want several answers, a question that comes with tools their calls;
    everything else one response in words."""
    last_two = [message["role"] for message in messages[-2:]]
    if last_two == ["user", "user"]:
        return _MESSAGES
    return _CALLS if tools else _TEXT
