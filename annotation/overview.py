"""What a project holds, for those who lead it: counts, lists in pages by key, and the story of one task.

Every count and the list that it opens come from the same query here, so they cannot differ.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

from django.db import models
from django.db.models import Count, F, Q

from annotation.due import due_in
from annotation.enums import Severity, TaskState
from annotation.finding import instructions_found_by, tasks_found_by
from annotation.models import Finding, Instruction, Task
from audit.models import Event
from audit.queries import events_of
from experts.models import Project, User
from experts.queries import domain_at

Row = TypeVar("Row", bound=models.Model)
PAGE = 50
MOST_COUNTED = 1_000
# What a list of tasks may be narrowed to by the day they are wanted by.
DUE_WORDS = {
    "overdue": "Overdue",
    "soon": "Within seven days",
    "any": "Any due day",
    "none": "No due day",
}

_IN_REVIEW = [TaskState.EXPERT_REVIEW, TaskState.FORMAT_REVIEW, TaskState.ADJUDICATION]
# States that one figure takes together; the same word opens their rows.
STATES_TOGETHER = {
    "in_review": _IN_REVIEW,
    "under_way": [TaskState.WRITING, TaskState.CHANGES_REQUESTED, *_IN_REVIEW],
}


def tasks_in(project: Project, chosen: Mapping[str, str]) -> models.QuerySet[Task]:
    """Tasks by `state`, `domain` (a path: it and all below), `language`, `difficulty`, `author` (pseudonym),
    `due` (a word of annotation.due), `import` (the number of a file brought in) and `words`, which may also be the
    number, record or outer id of one; `within` is a word of LOOKED_THROUGH."""
    found = Task.objects.filter(project=project)
    if (due := chosen.get("due")) in DUE_WORDS:
        found = found.filter(due_in(due))
    if (run := chosen.get("import", "")).isdecimal():
        found = found.filter(instruction__import_run=int(run))
    if words := chosen.get("words"):
        found = tasks_found_by(found, project, words, within=chosen.get("within", ""))
    if state := chosen.get("state"):
        found = found.filter(state__in=STATES_TOGETHER.get(state, [state]))
    if author := chosen.get("author"):
        found = found.filter(author__pseudonym=author)
    return _filed(found, chosen)


def instructions_in(project: Project, chosen: Mapping[str, str]) -> models.QuerySet[Instruction]:
    """Instructions by the same, by `kind` of task, by `words`, and by the beginning of their `id` elsewhere;
    `state` and `author` are those of one of its tasks."""
    found = Instruction.objects.filter(project=project)
    if words := chosen.get("words"):
        found = instructions_found_by(found, words)
    if chosen.get("state") or chosen.get("author"):
        of_task = {name: chosen.get(name, "") for name in ("state", "author")}
        found = found.filter(pk__in=tasks_in(project, of_task).values("instruction"))
    if external_id := chosen.get("id"):
        found = found.filter(external_id__startswith=external_id)
    if kind := chosen.get("kind"):
        found = found.filter(task_type=kind)
    return _filed(found, chosen)


Filed = TypeVar("Filed", Task, Instruction)


def _filed(found: models.QuerySet[Filed], chosen: Mapping[str, str]) -> models.QuerySet[Filed]:
    if path := chosen.get("domain"):
        domain = domain_at(path)
        path = domain.path if domain else path
        found = found.filter(Q(domain__path=path) | Q(domain__path__startswith=f"{path}."))
    if language := chosen.get("language"):
        found = found.filter(language=language)
    if (difficulty := chosen.get("difficulty", "")).isdecimal():
        found = found.filter(difficulty=int(difficulty))
    return found


def count_up_to(rows: models.QuerySet[Row], most: int = MOST_COUNTED) -> int:
    """How many there are, counted no further than one beyond `most`: a list opens as quickly over a million."""
    return rows.order_by()[: most + 1].count()


def state_counts(project: Project) -> list[tuple[TaskState, int]]:
    """How many tasks stand in each state, all states named, in the order of the way."""
    counted = dict(
        Task.objects.filter(project=project).values_list("state").annotate(n=Count("pk")).order_by()
    )
    return [(state, counted.get(state, 0)) for state in TaskState]


def due_counts(project: Project) -> list[tuple[str, str, int]]:
    """(word, what it says, how many) for the days that a lead has to think of now; nothing where none is set."""
    said = {"overdue": "Overdue", "soon": "Due within seven days"}
    found = [(word, said[word], count_up_to(tasks_in(project, {"due": word}))) for word in said]
    return [one for one in found if one[2]]


@dataclass(frozen=True)
class Unfinished:
    """What is not finished in a project: a sentence about it, how much, and the word that opens its tasks."""

    words: str
    count: int
    state: str


def unfinished_in(project: Project) -> list[Unfinished]:
    """What whoever archives a project should know of it, nothing left out that is not zero."""
    counts = dict(state_counts(project))
    found = [
        Unfinished("open, not begun", counts[TaskState.OPEN], TaskState.OPEN),
        Unfinished("being written now", counts[TaskState.WRITING], TaskState.WRITING),
        Unfinished("in review", sum(counts[one] for one in _IN_REVIEW), "in_review"),
        Unfinished(
            "returned to their authors",
            counts[TaskState.CHANGES_REQUESTED],
            TaskState.CHANGES_REQUESTED,
        ),
    ]
    return [one for one in found if one.count]


@dataclass(frozen=True)
class Slice:
    """One root domain: its tasks by state, and how many approved responses are aimed at."""

    path: str
    name: str
    total: int
    open: int
    under_way: int
    approved: int
    target: int | None


def domain_slices(project: Project, targets: Mapping[str, Any]) -> list[Slice]:
    """The roots of all domains in use, with what is aimed at in `targets` ({"domain": {path: number}})."""
    counted = (
        Task.objects.filter(project=project)
        .values_list("domain__path", "state")
        .annotate(n=Count("pk"))
        .order_by()
    )
    table: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for path, state, number in counted:
        table[path.partition(".")[0]][state] += number
    wanted = dict(targets.get("domain", {}))
    return [_slice(path, table[path], wanted.get(path)) for path in sorted({*table, *wanted})]


def _slice(path: str, states: Mapping[str, int], target: int | None) -> Slice:
    domain = domain_at(path)
    return Slice(
        path=path,
        name=domain.name if domain else path,
        total=sum(states.values()),
        open=states.get(TaskState.OPEN, 0),
        under_way=sum(states.get(state, 0) for state in STATES_TOGETHER["under_way"]),
        approved=states.get(TaskState.APPROVED, 0),
        target=target,
    )


def findings_in(project: Project, chosen: Mapping[str, str]) -> models.QuerySet[Finding]:
    """Findings on the current revisions by `check`, `severity`, `answer` (`given` or `none`: whether
    the author gave a reason) and `words` met in the message or in that reason."""
    found = _current_findings(project)
    if check := chosen.get("check"):
        found = found.filter(check_id=check)
    if severity := chosen.get("severity"):
        found = found.filter(severity=severity)
    if answer := chosen.get("answer"):
        found = found.exclude(reason="") if answer == "given" else found.filter(reason="")
    if words := chosen.get("words"):
        found = found.filter(Q(message__icontains=words) | Q(reason__icontains=words))
    return found


def finding_counts(project: Project) -> dict[str, dict[str, int]]:
    """{check: {severity: findings}} over the current revisions; every severity is named."""
    table: dict[str, dict[str, int]] = {}
    counted = _current_findings(project).values_list("check_id", "severity")
    for check, severity, number in counted.annotate(n=Count("pk")).order_by("check_id"):
        table.setdefault(check, {each.value: 0 for each in Severity})[severity] = number
    return table


def _current_findings(project: Project) -> models.QuerySet[Finding]:
    return Finding.objects.filter(
        revision__task__project=project, revision__task__current_revision=F("revision")
    )


@dataclass(frozen=True)
class Page(Generic[Row]):
    """One page of a list by key: stable while rows are added, and as quick at the end as at the start."""

    rows: list[Row]
    previous: str
    next: str


def page_by_key(
    rows: models.QuerySet[Row], asked: Mapping[str, str], *, size: int = PAGE
) -> Page[Row]:
    """Newest first. `asked` may hold `after` or `before` (keys of rows), and the filters, which are kept in
    the addresses of the neighbouring pages (query strings, empty where there is none)."""
    after, before = asked.get("after", ""), asked.get("before", "")
    if before.isdecimal():
        found = list(rows.filter(pk__gt=int(before)).order_by("pk")[: size + 1])
        more_before, more_after = len(found) > size, True
        found = found[:size][::-1]
    else:
        later = rows.filter(pk__lt=int(after)) if after.isdecimal() else rows
        found = list(later.order_by("-pk")[: size + 1])
        more_before, more_after = after.isdecimal(), len(found) > size
        found = found[:size]
    return _page(found, asked, more_before=more_before, more_after=more_after)


def _page(
    found: list[Row], asked: Mapping[str, str], *, more_before: bool, more_after: bool
) -> Page[Row]:
    kept = {
        name: value for name, value in asked.items() if value and name not in {"after", "before"}
    }
    return Page(
        rows=found,
        previous=f"?{urlencode({**kept, 'before': found[0].pk})}" if found and more_before else "",
        next=f"?{urlencode({**kept, 'after': found[-1].pk})}" if found and more_after else "",
    )


def page_of_tasks(project: Project, asked: Mapping[str, str], *, size: int = PAGE) -> Page[Task]:
    """The rows of `tasks_in`, newest first; where a due day is asked for, the earliest day first."""
    rows = tasks_in(project, asked).select_related("instruction", "domain", "author")
    if asked.get("within") == "response":
        rows = rows.select_related("current_revision")
    if asked.get("due", "") in {"overdue", "soon", "any"}:
        return _page_by_due(project, rows, asked, size)
    return page_by_key(rows, asked, size=size)


def _page_by_due(
    project: Project, rows: models.QuerySet[Task], asked: Mapping[str, str], size: int
) -> Page[Task]:
    """By day and key; a place in the list is named by the key of a row, which knows its day."""
    after, before = asked.get("after", ""), asked.get("before", "")
    dated = Task.objects.filter(project=project, due_at__isnull=False).only("due_at")
    if edge := _row_of(dated, before):
        earlier = rows.filter(Q(due_at__lt=edge.due_at) | Q(due_at=edge.due_at, pk__lt=edge.pk))
        found = list(earlier.order_by("-due_at", "-pk")[: size + 1])
        more_before, more_after = len(found) > size, True
        found = found[:size][::-1]
    else:
        edge = _row_of(dated, after)
        later = (
            rows.filter(Q(due_at__gt=edge.due_at) | Q(due_at=edge.due_at, pk__gt=edge.pk))
            if edge
            else rows
        )
        found = list(later.order_by("due_at", "pk")[: size + 1])
        more_before, more_after = edge is not None, len(found) > size
        found = found[:size]
    return _page(found, asked, more_before=more_before, more_after=more_after)


def _row_of(rows: models.QuerySet[Row], key: str) -> Row | None:
    return rows.filter(pk=int(key)).first() if key.isdecimal() else None


@dataclass(frozen=True)
class Story:
    """One event of a task's life, with who did it and what else is on record."""

    event: Event
    words: str
    mark: str
    who: str
    facts: list[tuple[str, str]]


_WORDS = {
    "claim": ("Taken", ""), "skip": ("Passed on", ""), "lapse": ("Lease ran out", ""),
    "submit": ("Submitted", "done"), "submit_repair": ("Repair submitted", "done"),
    "pass_expert": ("Passed by the expert review", "done"), "approve": ("Approved", "done"),
    "request_changes": ("Changes requested", "bad"), "reject": ("Rejected", "bad"),
    "escalate": ("Escalated", ""), "appeal": ("Appealed", ""), "resume": ("Taken up again", ""),
    "return_to_expert": ("Returned to the expert review", ""), "withdraw": ("Withdrawn", "bad"),
    "close": ("Closed before anything was handed in", ""), "asked_again": ("Opened in place of another", ""),
    "annotation.due_day_set": ("Due day set", ""),
    "follows_correction": ("Moved on to the corrected instruction", ""),
}  # fmt: skip
# On record for the audit trail and for "why this task came"; nothing that a story needs.
_UNTOLD = {
    "source", "to", "chosen", "domain", "priority", "credential", "due_at", "waited_seconds",
}  # fmt: skip


def story_of(task: Task) -> list[Story]:
    """Everything on record about a task, oldest first, with names: for leads, not for blind eyes."""
    events = list(events_of(task).select_related("actor"))
    return [_told(event) for event in events]


def _told(event: Event) -> Story:
    verb = event.verb.removeprefix("annotation.task_")
    words, mark = _WORDS.get(verb, (event.verb.replace("_", " ").replace(".", ": "), ""))
    facts = [
        (name.replace("_", " ").capitalize(), str(value))
        for name, value in event.data.items()
        if name not in _UNTOLD and value not in ("", None)
    ]
    actor = event.actor
    return Story(
        event, words, mark, (actor.name or actor.email) if isinstance(actor, User) else "", facts
    )
