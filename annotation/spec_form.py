"""The form of a project's format spec: every rule a field, made from one table."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms

from checks import format_spec as specs
from checks.registry import CHECKS

Json = Mapping[str, Any]

_SEVERITIES = [
    ("", "As the check has it"),
    ("error", "Blocks"),
    ("warning", "Takes a reason"),
    ("info", "Only informs"),
]
_YES_NO = [("", "No rule"), ("yes", "Yes"), ("no", "No")]


@dataclass(frozen=True)
class Rule:
    """One field: where its value stands in the spec (`length.words.min`), and how it is asked."""

    path: str
    label: str
    kind: str
    help: str = ""
    choices: tuple[tuple[str, str], ...] = ()

    @property
    def name(self) -> str:
        return self.path.replace(".", "__")


def _choices(*values: str) -> tuple[tuple[str, str], ...]:
    return (("", "No rule"), *((value, value.replace("_", " ")) for value in values))


_NUMBER, _LINES, _WORDS, _SWITCH, _CHOICE, _JSON, _TEXT = (
    "number",
    "lines",
    "words",
    "switch",
    "choice",
    "json",
    "text",
)
SECTIONS: tuple[tuple[str, str, tuple[Rule, ...]], ...] = (
    ("length", "Length", (
        Rule("length.words.min", "Words, at least", _NUMBER),
        Rule("length.words.max", "Words, at most", _NUMBER),
        Rule("length.tokens.min", "Tokens, at least", _NUMBER, "An estimate; the release preview counts."),
        Rule("length.tokens.max", "Tokens, at most", _NUMBER),
    )),
    ("headings", "Headings", (
        Rule("headings.allowed", "Headings are allowed", _SWITCH),
        Rule("headings.required", "Headings that must be there", _LINES, "One a line."),
        Rule("headings.in_order", "In this order", _SWITCH),
        Rule("headings.forbidden", "Headings that must not be there", _LINES, "One a line."),
        Rule("headings.max_level", "Deepest level", _NUMBER, "1 to 6."),
    )),
    ("lists", "Lists", (
        Rule("lists.allowed", "Lists are allowed", _SWITCH),
        Rule("lists.marker", "Bullets begin with", _CHOICE, choices=_choices("-", "*", "+")),
        Rule("lists.max_depth", "Deepest level", _NUMBER),
    )),
    ("tables", "Tables", (
        Rule("tables.allowed", "Tables are allowed", _SWITCH),
        Rule("tables.required", "A table must be there", _SWITCH),
    )),
    ("code", "Code", (
        Rule("code.allowed", "Code blocks are allowed", _SWITCH),
        Rule("code.needs_language", "Code blocks name their language", _SWITCH),
        Rule("code.languages", "Languages of code", _WORDS, "For example: python, sql"),
    )),
    ("citations", "Citations", (
        Rule("citations.style", "Style", _CHOICE,
             choices=_choices("numeric", "author_year", "footnote", "link", "pattern")),
        Rule("citations.pattern", "Pattern", _TEXT, "A regular expression, for the style “pattern”."),
        Rule("citations.required", "A source must be cited", _SWITCH),
        Rule("citations.resolve", "Every citation leads to a listed source", _SWITCH),
    )),
    ("language", "Language", (
        Rule("language.codes", "Languages of the text", _WORDS, "For example: en, de. Empty: that of the task."),
    )),
    ("opening", "Opening", (
        Rule("opening.no_flattery", "No praise and no empty assent", _SWITCH),
        Rule("opening.no_greeting", "No greeting", _SWITCH),
        Rule("opening.answer_first", "The first sentence answers", _SWITCH),
        Rule("opening.banned", "Openings that must not be there", _LINES, "One a line."),
    )),
    ("closing", "Closing", (
        Rule("closing.no_offer", "No offer and no wish at the end", _SWITCH),
        Rule("closing.no_summary", "No summary at the end", _SWITCH),
    )),
    ("phrases", "Phrases", (
        Rule("phrases.banned", "Phrases that must not be there", _LINES, "One a line, any case."),
        Rule("phrases.patterns", "Patterns that must not be there", _LINES, "One regular expression a line."),
    )),
    ("target", "Structured answers", (
        Rule("target.json_schema", "JSON Schema", _JSON, "Draft 2020-12; it may not refer to other places."),
    )),
    ("tools", "Tool calls", (
        Rule("tools.validate", "Calls are checked against the schemas of the tools", _SWITCH),
    )),
    ("privacy", "Personal data", (
        Rule("privacy.profile", "Profile", _CHOICE, "safe harbor: as far as patterns reach.",
             _choices("standard", "safe_harbor", "off")),
        Rule("privacy.allow", "Values that may stand", _LINES, "Public help lines, for example. One a line."),
    )),
    ("reading_level", "Reading level", (
        Rule("reading_level.max_grade", "Highest school grade", _NUMBER, "Flesch-Kincaid, English only."),
    )),
)  # fmt: skip


def _field(rule: Rule) -> forms.Field:
    shared: dict[str, Any] = {"label": rule.label, "help_text": rule.help, "required": False}
    if rule.kind == _NUMBER:
        return forms.IntegerField(min_value=0, max_value=1_000_000, **shared)
    if rule.kind == _SWITCH:
        return forms.ChoiceField(choices=_YES_NO, **shared)
    if rule.kind == _CHOICE:
        return forms.ChoiceField(choices=rule.choices, **shared)
    if rule.kind in {_LINES, _JSON}:
        rows = 8 if rule.kind == _JSON else 3
        return forms.CharField(widget=forms.Textarea({"rows": rows}), max_length=50_000, **shared)
    return forms.CharField(max_length=1000, **shared)


class SpecForm(forms.Form):
    """Reads a spec into fields and fields into a spec."""

    note = forms.CharField(
        label="What changes, and why",
        max_length=300,
        required=False,
        help_text="Kept with the new version of the project.",
    )

    def __init__(self, *args: Any, spec: Json | None = None, **kwargs: Any) -> None:
        if spec is not None:
            kwargs["initial"] = _initial(spec)
        super().__init__(*args, **kwargs)
        for section, _, rules in SECTIONS:
            for rule in rules:
                self.fields[rule.name] = _field(rule)
            self.fields[f"{section}__severity"] = forms.ChoiceField(
                label="A breach", choices=_SEVERITIES, required=False
            )
        for check in CHECKS:
            self.fields[f"severity__{check.id}"] = forms.ChoiceField(
                label=check.title,
                required=False,
                help_text=check.description,
                choices=[*_SEVERITIES, ("off", "Off")],
            )

    def sections(self) -> list[tuple[str, list[forms.BoundField], bool]]:
        """Titles with their fields and whether one of them is wrong, as the page shows them."""
        shown = [
            (title, [*(self[rule.name] for rule in rules), self[f"{section}__severity"]])
            for section, title, rules in SECTIONS
        ]
        return [(title, fields, any(field.errors for field in fields)) for title, fields in shown]

    def weights(self) -> list[forms.BoundField]:
        """One field a check: how its findings act."""
        return [self[f"severity__{check.id}"] for check in CHECKS]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        self.spec = self._spec(cleaned)
        for problem in specs.validate(self.spec):
            self.add_error(*_placed(problem))
        return cleaned

    def problems(self) -> list[str]:
        """What is wrong, each with the label of its field."""
        return [
            f"{self.fields[name].label}: {problem}" if name in self.fields else str(problem)
            for name, found in self.errors.items()
            for problem in found
        ]

    def _spec(self, cleaned: Json) -> dict[str, Any]:
        spec: dict[str, Any] = {}
        for section, _, rules in SECTIONS:
            for rule in rules:
                value = self._value(rule, cleaned.get(rule.name))
                if value is not None:
                    _put(spec, rule.path, value)
            if section in spec and cleaned.get(f"{section}__severity"):
                spec[section]["severity"] = cleaned[f"{section}__severity"]
        for check in CHECKS:
            if asked := cleaned.get(f"severity__{check.id}"):
                _put(spec, f"severity.{check.id}", asked)
        return spec

    def _value(self, rule: Rule, raw: Any) -> Any:
        if raw in (None, ""):
            return None
        if rule.kind == _SWITCH:
            return raw == "yes"
        if rule.kind == _LINES:
            return [line.strip() for line in raw.splitlines() if line.strip()] or None
        if rule.kind == _WORDS:
            return [word.strip() for word in raw.split(",") if word.strip()] or None
        if rule.kind == _JSON:
            try:
                return json.loads(raw)
            except ValueError as error:
                self.add_error(rule.name, f"This is not JSON: {error}.")
                return None
        return raw


_RULES = {rule.path: rule for _, _, rules in SECTIONS for rule in rules}


def _placed(problem: str) -> tuple[str | None, str]:
    """The field that a problem of the spec (`phrases.patterns.0: …`) belongs to, and what to say there."""
    path, _, said = problem.partition(": ")
    said = said[:1].upper() + said[1:]
    parent, _, last = path.rpartition(".")
    if path in _RULES:
        return _RULES[path].name, said
    if parent in _RULES and last.isdecimal():
        return _RULES[parent].name, f"Line {int(last) + 1}: {said}"
    if f"{path}.max" in _RULES:
        return _RULES[f"{path}.max"].name, said
    return None, problem


def _put(spec: dict[str, Any], path: str, value: Any) -> None:
    *inside, last = path.split(".")
    for name in inside:
        spec = spec.setdefault(name, {})
    spec[last] = value


def _at(spec: Any, path: str) -> Any:
    for name in path.split("."):
        spec = spec.get(name) if isinstance(spec, Mapping) else None
    return spec


def _initial(spec: Json) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    for section, _, rules in SECTIONS:
        for rule in rules:
            value = _at(spec, rule.path)
            if value is not None:
                shown[rule.name] = _shown(rule, value)
        shown[f"{section}__severity"] = _at(spec, f"{section}.severity") or ""
    for check in CHECKS:
        shown[f"severity__{check.id}"] = _at(spec, f"severity.{check.id}") or ""
    return shown


def _shown(rule: Rule, value: Any) -> Any:
    if rule.kind == _SWITCH:
        return "yes" if value else "no"
    if rule.kind == _LINES:
        return "\n".join(value)
    if rule.kind == _WORDS:
        return ", ".join(value)
    return json.dumps(value, indent=2, ensure_ascii=False) if rule.kind == _JSON else value
