"""The writing page: instruction, guideline and evidence beside the editor."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from annotation.barred import why_barred
from annotation.closing import why_closed
from annotation.corrections import correction_of
from annotation.enums import IN_WORDS, AssignmentState, SkipReason, TargetKind, TaskState
from annotation.errors import NotYourTask
from annotation.models import Assignment, Revision
from annotation.project_settings import Band, length_band
from annotation.queries import assignment_of, revisions_of
from annotation.routing import why_not_take
from annotation.services.questions import people_to_ask, threads_of
from annotation.services.submit import ATTESTATION
from annotation.targets import editor_for, how_to_write
from annotation.timeline import timeline_of
from annotation.versions import changes_between
from annotation.views.person import person_of
from checks.registry import CHECKS
from lib.http import page, signed_in


@page(access=signed_in)
@never_cache
@require_GET
def write(request: HttpRequest, task_id: int) -> HttpResponse:
    """The editor while the task is with this person; what became of it otherwise."""
    person = person_of(request)
    assignment = assignment_of(person, task_id)
    if assignment is None:
        raise NotYourTask(why_barred(person, task_id) or "")
    return task_page(request, assignment)


def task_page(
    request: HttpRequest, assignment: Assignment, *, status: int = 200, **more: Any
) -> HttpResponse:
    """The page of a task in the state it is in for this person; `more` goes into its template."""
    if assignment.state == AssignmentState.LIVE:
        name, context = "annotation/write.html", _writing(assignment)
    elif assignment.state in {AssignmentState.LAPSED, AssignmentState.SKIPPED}:
        name, context = "annotation/put_aside.html", _put_aside(assignment)
    else:
        name, context = "annotation/handed_in.html", _shared(assignment)
    return render(request, name, context | more, status=status)


KEYS = (
    ("Ctrl Enter", "Submit for review"),
    ("Ctrl S", "Keep this version"),
    ("Ctrl B / Ctrl I", "Bold, italic"),
    ("Ctrl K", "Link"),
    ("Ctrl Shift 7 / 8", "Numbered list, list"),
    ("Ctrl Shift P", "Write or preview"),
    ("Alt Y / Alt N", "Take a suggested edit over, or leave it"),
    ("Ctrl Z / Ctrl Shift Z", "Take back, do again"),
    ("Esc, then Tab", "Leave the box with the keyboard"),
    ("?", "This list (outside the box)"),
)


def _shared(assignment: Assignment) -> dict[str, Any]:
    task = assignment.task
    revisions = list(revisions_of(task).filter(author=assignment.expert))
    return {
        "assignment": assignment,
        "task": task,
        "instruction": task.instruction,
        "version": assignment.project_version,
        "revisions": revisions,
        "changes": _changes(revisions),
        "timeline": timeline_of(task),
        "threads": threads_of(assignment.expert, task),
        "people_to_ask": people_to_ask(assignment.expert, task),
        "returned": task.state == TaskState.CHANGES_REQUESTED,
    }


def _put_aside(assignment: Assignment) -> dict[str, Any]:
    task = assignment.task
    still_open = task.state == TaskState.OPEN
    closed = task.state == TaskState.WITHDRAWN and task.current_revision_id is None
    return _shared(assignment) | {
        "still_open": still_open,
        "why_not": why_not_take(assignment.expert, task) if still_open else None,
        "closing": why_closed(task) if closed else None,
        "texts": _texts(assignment),
        "note": assignment.extras.get("note", ""),
        "reasons": _reasons(assignment),
    }


def _texts(assignment: Assignment) -> list[tuple[str, str]]:
    """What was written, each text under the name of its box; last what has no box any more."""
    boxes = {box["field"]: box["label"] for box in editor_for(assignment)}
    named = [(label, assignment.fields.get(field, "")) for field, label in boxes.items()]
    rest = [text for field, text in assignment.fields.items() if field not in boxes]
    return [
        (label, text)
        for label, text in (*named, *(("A part taken out since", text) for text in rest))
        if text
    ]


def _reasons(assignment: Assignment) -> list[tuple[str, str]]:
    """Why findings stand, in the author's words: (what the check is called, the words)."""
    titles = {check.id: check.title for check in CHECKS}
    given: dict[str, str] = assignment.extras.get("reasons") or {}
    return [(titles.get(check, check), words) for check, words in given.items() if words.strip()]


def _changes(revisions: list[Revision]) -> list[tuple[Revision, list[tuple[str, str]]]]:
    """Each revision, newest first, with what changed since the one before it."""
    earlier = [None, *revisions]
    pairs = zip(revisions, earlier, strict=False)
    return [
        (new, changes_between({"": _own_words(old)}, {"": _own_words(new)}) if old else [])
        for new, old in pairs
    ][::-1]


def _own_words(revision: Revision) -> str:
    """What the author wrote: of a run what they say about it, since its steps are the agent's."""
    target = revision.target
    if target.get("kind") == TargetKind.TRAJECTORY:
        return str(target.get("summary", ""))
    return revision.text


def _band(assignment: Assignment) -> Band | None:
    """The length asked for, where the response is words: calls and objects have none."""
    kind = assignment.task.instruction.target_kind
    return length_band(assignment.project_version) if kind in IN_WORDS else None


def _writing(assignment: Assignment) -> dict[str, Any]:
    shared = _shared(assignment)
    editor = editor_for(assignment)
    return shared | {
        "editor": editor,
        "how": how_to_write(assignment.task.instruction),
        "first_task": not assignment.expert.revisions.exists(),
        "note": assignment.extras.get("note", ""),
        "band": _band(assignment),
        "attestation": ATTESTATION,
        "keys_help": KEYS,
        "skip_reasons": SkipReason.choices,
        "before": shared["revisions"][-1] if shared["revisions"] else None,
        "correction": correction_of(assignment.task.instruction),
        "page_data": {
            "person": assignment.expert_id,
            "task": assignment.task_id,
            "kind": assignment.task.instruction.target_kind,
            "version": assignment.draft_version,
            "fields": assignment.fields,
            "extras": assignment.extras,
            "savedAt": assignment.saved_at.isoformat() if assignment.saved_at else None,
            "leaseSeconds": round((assignment.leased_until - timezone.now()).total_seconds()),
            "requirements": assignment.task.instruction.requirements,
            "schema": assignment.task.instruction.target_schema,
            "tools": assignment.task.instruction.tools,
            "editor": editor,
            "language": assignment.task.instruction.language,
            "assistive": assignment.expert.assistive_input,
        },
    }
