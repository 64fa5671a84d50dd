"""A form that was not taken comes back with what was typed in it: every word in its place, or beside it."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from django.http import HttpRequest, HttpResponse

from annotation.enums import AssignmentState, Severity
from annotation.models import Assignment
from annotation.queries import assignment_of
from annotation.services.check_draft import draft_findings
from annotation.views.person import person_of
from annotation.views.writing import task_page
from lib.errors import DomainError

REASON = "reason-"
FIELD = "field-"


@dataclass(frozen=True)
class Typed:
    """What a form without scripts brought: texts by field, the note, reasons by check."""

    texts: Mapping[str, str]
    note: str
    reasons: Mapping[str, str]

    @classmethod
    def of(cls, request: HttpRequest) -> Self:
        """As the request has it."""
        named = {name: _lines(str(text)) for name, text in request.POST.items()}
        return cls(_under(FIELD, named), named.get("note", ""), _under(REASON, named))

    def extras(self, assignment: Assignment) -> dict[str, Any]:
        """Note and reasons as parts of the draft. Reasons that the form had no place for stay."""
        return {"note": self.note, "reasons": _stored(assignment, "reasons", {}) | self.reasons}

    def not_stored(self, assignment: Assignment) -> list[str]:
        """The texts that the draft does not hold as they were typed."""
        return [
            text
            for field, text in self.texts.items()
            if _differs(text, assignment.fields.get(field))
        ]

    def reasons_left(self, assignment: Assignment, asked: Collection[str] = ()) -> list[str]:
        """Reasons that the draft does not hold and that no finding on the page asks for."""
        stored, given = _stored(assignment, "reasons", {}), self.reasons.items()
        return [
            said
            for check, said in given
            if check not in asked and _differs(said, stored.get(check))
        ]


def given_back(
    request: HttpRequest, task_id: int, refusal: DomainError, typed: Typed
) -> HttpResponse:
    """The page of the task as it is now, with the refusal and all that was typed."""
    assignment = assignment_of(person_of(request), task_id)
    if assignment is None:
        refusal.kept_text = _together([*typed.texts.values(), typed.note, *typed.reasons.values()])
        raise refusal
    context: dict[str, Any] = {"refusal": refusal}
    kept = typed.not_stored(assignment)
    if assignment.state == AssignmentState.LIVE:
        told = refusal.data.get("findings") or _findings(assignment, typed)
        found = list(_with_answers(told, typed.extras(assignment)["reasons"]))
        kept += typed.reasons_left(assignment, {one["check"] for one in found if one["asks"]})
        context |= {"findings": found, "note": typed.note}
    else:
        note = [typed.note] if _differs(typed.note, _stored(assignment, "note", "")) else []
        kept += [*note, *typed.reasons_left(assignment)]
    context["kept_text"] = _together(kept)
    return task_page(request, assignment, status=refusal.http_status, **context)


def _findings(assignment: Assignment, typed: Typed) -> Sequence[Mapping[str, Any]]:
    """What the checks say of the draft as it is stored, where reasons were given to some of it."""
    if not typed.reasons:
        return ()
    told = draft_findings(person=assignment.expert, task_id=assignment.task_id)
    found: Sequence[Mapping[str, Any]] = told["findings"]
    return found


def _with_answers(
    findings: Iterable[Mapping[str, Any]], reasons: Mapping[str, str]
) -> Iterator[dict[str, Any]]:
    """Findings with the reason that was given; the first warning of each check asks for it."""
    asked: set[str] = set()
    for finding in findings:
        check = finding["check"]
        asks = finding["severity"] == Severity.WARNING and check not in asked
        if asks:
            asked.add(check)
        yield {**finding, "asks": asks, "reason": reasons.get(check, "")}


def _stored(assignment: Assignment, name: str, empty: Any) -> Any:
    return assignment.extras.get(name) or empty


def _differs(typed: str, stored: str | None) -> bool:
    return bool(typed.strip()) and typed != (stored or "")


def _together(texts: Iterable[str]) -> str:
    return "\n\n".join(text for text in texts if text.strip())


def _under(prefix: str, named: Mapping[str, str]) -> dict[str, str]:
    return {
        name.removeprefix(prefix): text for name, text in named.items() if name.startswith(prefix)
    }


def _lines(text: str) -> str:
    """Browsers send CRLF; texts here have LF."""
    return text.replace("\r\n", "\n")
