"""An instruction as a lead types it. What is typed goes through the same reading as a row of a file, so that
a page and a file refuse the same things in the same words."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import orjson
from django import forms
from django.http import QueryDict

from annotation.enums import TargetKind
from annotation.importing.draft import Draft
from annotation.importing.drafting import Drafting
from annotation.importing.plan import Plan
from annotation.importing.rows import Refusal, Row
from annotation.models import Instruction
from annotation.services.import_instructions import known_domains
from checks.catalog.verifiable import VERIFIERS
from experts.models import Domain

ROLES = [
    ("user", "Person who asks"),
    ("assistant", "Model"),
    ("system", "Setting for the model"),
    ("tool", "Tool"),
]
REQUIREMENT_KINDS = [
    ("ask", "Has to be answered"), ("constraint", "Constraint"), ("false_premise", "Mistaken premise"),
]  # fmt: skip
# Fields of a row that the form fills; each under its own name.
_ROW = (
    "messages", "requirements", "evidence", "domain", "language", "difficulty", "task_type", "tags", "target_kind",
    "target_schema", "tools", "responses_wanted", "priority", "external_id",
)  # fmt: skip
_PLAN = Plan(columns={name: name for name in _ROW}, guess=False)


class TurnForm(forms.Form):
    """One message of the conversation."""

    place = forms.IntegerField(required=False, widget=forms.HiddenInput)
    role = forms.ChoiceField(label="Who speaks", choices=ROLES)
    content = forms.CharField(
        label="Words",
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 5, "dir": "auto"}),
    )


class _Parameters(forms.JSONField):
    """JSON that may be left empty, and then shows nothing."""

    def prepare_value(self, value: Any) -> Any:
        return "" if value is None else super().prepare_value(value)


class RequirementForm(forms.Form):
    """One explicit ask."""

    id = forms.CharField(required=False, widget=forms.HiddenInput)
    text = forms.CharField(label="Requirement", required=False, max_length=2000)
    kind = forms.ChoiceField(label="What it is", choices=REQUIREMENT_KINDS)
    check = forms.ChoiceField(
        label="Kind of rule",
        required=False,
        choices=[
            ("", "not checked by code"),
            *((kind, kind.replace("_", " ")) for kind in VERIFIERS),
        ],
    )
    parameters = _Parameters(
        label="With these numbers or words",
        required=False,
        widget=forms.TextInput(attrs={"placeholder": '{"num_words": 300}'}),
    )


class EvidenceForm(forms.Form):
    """Material to answer from."""

    place = forms.IntegerField(required=False, widget=forms.HiddenInput)
    title = forms.CharField(label="Title", required=False, max_length=300)
    text = forms.CharField(
        label="Text",
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
    )
    url = forms.URLField(label="Address", required=False, assume_scheme="https")


class InstructionForm(forms.Form):
    """How the instruction is filed, and the shape of its response."""

    domain = forms.ChoiceField(label="Field of expertise")
    language = forms.CharField(
        label="Language", max_length=20, initial="en", help_text="A tag like en or pt-BR."
    )
    difficulty = forms.IntegerField(label="Difficulty, 1 to 5", min_value=1, max_value=5, initial=3)
    task_type = forms.CharField(label="Kind of task", max_length=60, required=False)
    tags = forms.CharField(label="Tags", required=False, help_text="Words between commas.")
    target_kind = forms.ChoiceField(label="Shape of the response", choices=TargetKind.choices)
    target_schema = forms.CharField(
        label="Schema of the response", required=False, widget=forms.Textarea(attrs={"rows": 4}),
        help_text="JSON Schema, for a structured object.",
    )  # fmt: skip
    tools = forms.CharField(
        label="Tools", required=False, widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Tool schemas as a JSON list, for tool calls.",
    )  # fmt: skip
    external_id = forms.CharField(label="Identifier elsewhere", max_length=200, required=False)
    responses_wanted = forms.IntegerField(
        label="Responses wanted", min_value=1, max_value=20, required=False,
        help_text="Each comes from a different writer.",
    )  # fmt: skip
    priority = forms.IntegerField(label="Priority", min_value=-1000, max_value=1000, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        paths = list(Domain.objects.order_by("path").values_list("path", flat=True))
        self.fields["domain"].choices = [(path, path) for path in paths]  # type: ignore[attr-defined]


class CorrectionForm(InstructionForm):
    """The same for an instruction that is there; how many responses it wants stays."""

    external_id = None  # type: ignore[assignment]
    responses_wanted = None  # type: ignore[assignment]
    priority = None  # type: ignore[assignment]
    why = forms.CharField(
        label="What was wrong", max_length=500, help_text="Writers who have begun read this."
    )


class InstructionPage:
    """All forms of the page together: filing, turns, requirements, evidence. `before` is what is corrected."""

    def __init__(
        self, data: QueryDict | None, *, default_domain: str = "", before: Instruction | None = None
    ) -> None:
        self.before = before
        given = None if data is None else _with_one_more(data)
        filed = _filed(before) if before else {"domain": default_domain}
        form = CorrectionForm if before else InstructionForm
        self.form = form(given, initial=filed)
        if data is not None and _asks_for_more(
            data
        ):  # nothing is missing yet, somebody is still at it
            for field in self.form.fields.values():
                field.required = False
        turns = _turns(before) if before else [{"role": "user"}]
        self.turns = _rows(TurnForm)(given, initial=turns, prefix="turns")
        self.requirements = _rows(RequirementForm)(
            given, initial=_asks(before), prefix="requirements"
        )
        self.evidence = _rows(EvidenceForm)(given, initial=_evidence(before), prefix="evidence")
        self.problem = ""

    @property
    def bound(self) -> bool:
        """Whether something was sent to be kept (and not just a row asked for)."""
        return self.form.is_bound and not _asks_for_more(self.form.data)

    def draft(self) -> Draft | None:
        """What was typed as an instruction, or None with the problems in the forms and in `problem`."""
        parts: list[Any] = [self.form, self.turns, self.requirements, self.evidence]
        valid = [part.is_valid() for part in parts]  # all of them, so that every problem shows
        if not all(valid):
            self.problem = "Something below needs another look."
            return None
        messages = self._messages()
        if not messages:
            self.problem = "Nobody asks anything yet. Write the words of a turn."
            return None
        if messages[-1]["role"] == "assistant":
            self.problem = (
                "The last turn is the one that is answered here; it cannot be the model\u2019s own."
            )
            return None
        (outcome,) = list(Drafting(_PLAN, known_domains(), "").drafts(Row(1, self._row(messages))))
        if isinstance(outcome, Refusal):
            self.problem = outcome.reason
            return None
        return replace(outcome, evidence=self._with_files(outcome.evidence))

    def _row(self, messages: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        filed = self.form.cleaned_data
        return {
            **{name: filed.get(name) for name in _ROW},
            "messages": messages,
            "requirements": [_requirement(row) for row in _filled(self.requirements, "text")],
            "evidence": [
                {name: row[name] for name in ("title", "text", "url")}
                for row in _filled(self.evidence, "text", "url", "title")
            ],
        }

    def _messages(self) -> list[dict[str, Any]]:
        """The turns that say something. A corrected one keeps what no box shows: names and calls of tools."""
        known = list(self.before.messages) if self.before else []
        messages = []
        for row in self.turns.cleaned_data:
            place = row.get("place")
            kept = known[place] if place is not None and 0 <= place < len(known) else {}
            if row.get("content", "").strip() or kept.get("tool_calls"):
                messages.append({**kept, "role": row["role"], "content": _lines(row["content"])})
        return messages

    def _with_files(self, evidence: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        """Evidence that is a file stays one."""
        known = list(self.before.evidence) if self.before else []
        places = [row.get("place") for row in _filled(self.evidence, "text", "url", "title")]
        return [
            {**(known[place] if place is not None and 0 <= place < len(known) else {}), **item}
            for place, item in zip(places, evidence, strict=True)
        ]


def _rows(form: type[forms.Form]) -> "type[forms.BaseFormSet[Any]]":
    return forms.formset_factory(form, extra=0, max_num=400, absolute_max=400)


def _filled(rows: Any, *names: str) -> list[dict[str, Any]]:
    return [
        row for row in rows.cleaned_data if any(str(row.get(name) or "").strip() for name in names)
    ]


def _lines(text: str) -> str:
    """Browsers send CRLF; texts here have LF."""
    return text.replace("\r\n", "\n")


def _requirement(row: Mapping[str, Any]) -> dict[str, Any]:
    rule = {"type": row["check"], **(row["parameters"] or {})} if row["check"] else None
    return {"id": row["id"], "text": row["text"], "kind": row["kind"], "check": rule}


# ---- what the boxes show at first ----


def _filed(before: Instruction) -> dict[str, Any]:
    return {
        "domain": before.domain.path,
        "language": before.language,
        "difficulty": before.difficulty,
        "task_type": before.task_type,
        "tags": ", ".join(before.tags),
        "target_kind": before.target_kind,
        "target_schema": _pretty(before.target_schema),
        "tools": _pretty(before.tools),
    }


def _pretty(value: Any) -> str:
    return orjson.dumps(value, option=orjson.OPT_INDENT_2).decode() if value else ""


def _turns(before: Instruction) -> list[dict[str, Any]]:
    return [
        {"place": place, "role": message["role"], "content": message.get("content") or ""}
        for place, message in enumerate(before.messages)
    ]


def _asks(before: Instruction | None) -> list[dict[str, Any]]:
    found = []
    for ask in before.requirements if before else []:
        rule = dict(ask.get("check") or {})
        found.append({**ask, "check": rule.pop("type", ""), "parameters": rule or None})
    return found


def _evidence(before: Instruction | None) -> list[dict[str, Any]]:
    return [
        {"place": place, **item} for place, item in enumerate(before.evidence if before else [])
    ]


# ---- one row more ----


def _asks_for_more(data: Any) -> str:
    return str(data.get("more", ""))


def _with_one_more(data: QueryDict) -> QueryDict:
    """The data with an empty row more in the part that `more` names."""
    part = _asks_for_more(data)
    if part not in {"turns", "requirements", "evidence"}:
        return data
    data = data.copy()
    count = int(data.get(f"{part}-TOTAL_FORMS", "0") or 0)
    data[f"{part}-TOTAL_FORMS"] = str(count + 1)
    data[f"{part}-{count}-role"] = "user"
    data[f"{part}-{count}-kind"] = "ask"
    return data
