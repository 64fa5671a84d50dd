"""The one way to the checks from the writing side: editor, submission, review and import use it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from annotation.known import (
    questions_of_tasks,
    ref_of_instruction,
    ref_of_task,
    scope_of,
    scopes_compared,
    texts_of,
)
from annotation.models import Finding, Instruction, ProjectVersion, Task
from checks import types
from checks.runner import run
from checks.sketch import sketch
from checks.types import Check, Message, Neighbour, ProtectedHit, Requirement, Subject
from corpus.enums import Kind
from corpus.errors import KeyChanged, KeyMissing
from corpus.queries import protected_hits, similar

Json = Mapping[str, Any]


def findings_for(
    *,
    instruction: Instruction,
    target: Json,
    project_version: ProjectVersion,
    coverage: Sequence[Json] = (),
    task: Task | None = None,
    sources: Sequence[Json] = (),
    checks: Sequence[Check] | None = None,
    draft: bool = False,
) -> list[Finding]:
    """Unsaved findings of every check the project uses over one target.

    `task` is the one the target answers: its own earlier revisions are not duplicates of it.
    `checks` of None runs all; `draft` leaves out what is asked only of a finished text.
    """
    subject = subject_of(
        instruction=instruction,
        target=target,
        format_spec=project_version.format_spec,
        coverage=coverage,
        sources=sources,
        task=task,
        draft=draft,
    )
    return [as_finding(finding) for finding in run(subject, checks)]


def subject_of(
    *,
    instruction: Instruction,
    target: Json,
    format_spec: Json,
    coverage: Sequence[Json] = (),
    sources: Sequence[Json] = (),
    task: Task | None = None,
    draft: bool = False,
) -> Subject:
    """Everything the checks may look at about one target, look-ups in the corpus included."""
    subject = bare_subject(
        instruction=instruction,
        target=target,
        format_spec=format_spec,
        coverage=coverage,
        sources=sources,
        draft=draft,
    )
    return looked_up(
        subject,
        neighbours=_neighbours(instruction, subject, task),
        protected=_protected(subject),
    )


def bare_subject(
    *,
    instruction: Instruction,
    target: Json | None = None,
    format_spec: Json | None = None,
    coverage: Sequence[Json] = (),
    sources: Sequence[Json] = (),
    draft: bool = False,
) -> Subject:
    """A target with its instruction, before anything is looked up. Without one, the instruction alone."""
    return Subject(
        target=target or {},
        instruction=tuple(Message.from_dict(m) for m in instruction.messages),
        evidence=tuple(str(e["text"]) for e in instruction.evidence if e.get("text")),
        requirements=tuple(_requirement(r) for r in instruction.requirements),
        coverage=_marks(coverage),
        sources=tuple(sources),
        format_spec=format_spec or {},
        language=instruction.language,
        tools=tuple(instruction.tools),
        target_schema=instruction.target_schema or None,
        draft=draft,
        has_response=target is not None,
    )


def looked_up(
    subject: Subject, *, neighbours: Sequence[Neighbour], protected: Sequence[ProtectedHit]
) -> Subject:
    """The subject with what the corpus knows about it."""
    known = {"neighbours": tuple(neighbours), "protected": tuple(protected)}
    return Subject(**{**subject.fields(), **known})


def neighbours_of_instruction(
    instruction: Instruction, subject: Subject, scopes: Sequence[str]
) -> tuple[Neighbour, ...]:
    """Known instructions that this one may be the same as; none of its own versions."""
    text = types.question_of(subject)
    own = scope_of(instruction.project_id)
    return _known(text, Kind.INSTRUCTION, own, scopes, _versions_of(instruction))


def _versions_of(instruction: Instruction) -> list[str]:
    """The instruction itself and the versions it corrects: none of them is a duplicate of it."""
    if instruction.version == 1:
        return [ref_of_instruction(instruction.pk)]
    series = Instruction.objects.filter(series=instruction.series)
    return [ref_of_instruction(pk) for pk in series.values_list("pk", flat=True)]


def _requirement(data: Json) -> Requirement:
    check = data.get("check")
    return Requirement(
        str(data.get("id", "")),
        str(data.get("text", "")),
        str(data.get("kind", "ask")),
        check if isinstance(check, Mapping) else None,
    )


def _marks(coverage: Sequence[Json]) -> dict[str, Json]:
    """The author's marks by requirement, as the coverage check reads them."""
    return {
        str(mark.get("requirement")): {
            "state": "not_applicable" if mark.get("why_not") else "met",
            "quote": mark.get("quote", ""),
        }
        for mark in coverage
    }


def _neighbours(
    instruction: Instruction, subject: Subject, task: Task | None
) -> tuple[Neighbour, ...]:
    text = types.response_of(subject)
    own = [ref_of_task(task.pk)] if task else []
    project = instruction.project_id
    return _known(text, Kind.RESPONSE, scope_of(project), scopes_compared(project), own)


def neighbours_in_project(project_id: int) -> Callable[[str, str], tuple[Neighbour, ...]]:
    """A look-up for pairs that are not in the platform: (question, response) → both halves of the
    project's tasks, and its instructions, that may be the same."""
    own, scopes = scope_of(project_id), scopes_compared(project_id)

    def look(question: str, response: str) -> tuple[Neighbour, ...]:
        answers = _known(response, Kind.RESPONSE, own, scopes, ())
        asked = questions_of_tasks(n.ref for n in answers)
        digest = sketch(question).digest
        halves = [
            Neighbour(n.ref, "instruction", text, sketch(text).digest == digest, n.label)
            for n in answers
            for _, text in [asked[n.ref]]
            if text
        ]
        told = [ref for ref, _ in asked.values()]
        return (*answers, *halves, *_known(question, Kind.INSTRUCTION, own, scopes, told))

    return look


def _known(
    text: str, kind: Kind, own: str, scopes: Sequence[str], without: Sequence[str]
) -> tuple[Neighbour, ...]:
    found = similar(text, kind=kind, scopes=scopes, without=without)
    texts = texts_of(known.ref for known in found)
    part: types.Part = "instruction" if kind == Kind.INSTRUCTION else "response"
    return tuple(
        Neighbour(
            known.ref, part, texts[known.ref], known.exact, _label(part, known.scope, own, scopes)
        )
        for known in found
        if known.ref in texts
    )


def _label(part: str, scope: str, own: str, scopes: Sequence[str]) -> str:
    """What people are told about the text that is alike: never whose it is, if it is not theirs."""
    if scope == own:
        return f"another {part} of this project"
    return f"{'a' if part == 'response' else 'an'} {part} of another project" + (
        "" if scope in scopes else " that is released"
    )


def _protected(subject: Subject) -> tuple[ProtectedHit, ...]:
    """Protected items in any of the texts. A missing or changed key must not stop people who
    write; the doctor and the import of protected sets say so."""
    try:
        return tuple(protected_hits(subject.texts()))
    except (KeyMissing, KeyChanged):
        return ()


def as_finding(finding: types.Finding) -> Finding:
    """An unsaved row that says what the check found; the caller sets its revision."""
    return Finding(
        check_id=finding.check,
        check_version=str(finding.version),
        severity=finding.severity.value,
        message=finding.message,
        advice=finding.advice,
        where=finding.where.as_dict(),
        data=dict(finding.data),
    )
