"""What the writing side knows about a person: for their page, the ledger, their data, and its erasure; and its
boards for leads."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from annotation.copy_of_data import data_of
from annotation.enums import AssignmentState, TaskState
from annotation.models import Assignment, LogBatch, Task
from annotation.services.release import give_back_all
from experts import boards
from experts.boards import Board, person_cell
from experts.enums import Role, WorkKind
from experts.models import Credential, Domain, Membership, User
from experts.queries import led_by
from experts.sources import Cell, Figure, Period, Source, View, Work, register

QUIET = timedelta(hours=24)
_COLUMNS = ("Instruction", "Field", "Project", "State", "Since")
_IN_REVIEW = (TaskState.EXPERT_REVIEW, TaskState.FORMAT_REVIEW, TaskState.ADJUDICATION)


def _figures(view: View) -> list[Figure]:
    own = (
        Task.objects.filter(author=view.person)
        .select_related("instruction", "domain", "project")
        .order_by("-state_since", "-id")
    )
    taken = (
        Assignment.objects.filter(expert=view.person)
        .select_related("task__instruction", "task__domain", "task__project")
        .order_by("-opened_at", "-id")
    )
    if view.projects is not None:
        own = own.filter(project__in=view.projects)
        taken = taken.filter(task__project__in=view.projects)

    def tasks(slug: str, label: str, *states: TaskState) -> Figure:
        rows = own.filter(state__in=states)
        return Figure(slug, label, rows, _COLUMNS, lambda task: _task_cells(task, view))

    def assignments(slug: str, label: str, state: AssignmentState) -> Figure:
        rows = taken.filter(state=state)
        return Figure(
            slug, label, rows, _COLUMNS, lambda one: _task_cells(one.task, view), on_page=False
        )

    return [
        tasks("being-written", "being written", TaskState.WRITING),
        tasks("in-review", "in review", *_IN_REVIEW),
        tasks("returned", "returned", TaskState.CHANGES_REQUESTED),
        tasks("approved", "approved", TaskState.APPROVED),
        assignments("handed-in", "handed in", AssignmentState.SUBMITTED),
        assignments("lapsed", "out of time", AssignmentState.LAPSED),
    ]


def _task_cells(task: Task, view: View) -> list[Cell]:
    """A task as its writer opens it, or as a lead does."""
    url = reverse("projects:task", args=[task.project.slug, task.pk])
    if view.own:
        mine = task.author_id == view.person.pk
        url = reverse("write:task", args=[task.pk]) if mine else ""
    return [
        Cell(task.instruction.title, url),
        Cell(task.domain.name),
        Cell(task.project.name),
        Cell(task.get_state_display()),
        Cell(task.state_since),
    ]


def _work(period: Period) -> Iterator[Work]:
    """Approved responses, at the moment of their approval. What was withdrawn later had been accepted."""
    accepted = Task.objects.filter(
        state__in=[TaskState.APPROVED, TaskState.WITHDRAWN],
        current_revision__submitted_at__date__lt=period.until,
        state_since__date__gte=period.since,
        state_since__date__lt=period.until,
    )
    if period.person is not None:
        accepted = accepted.filter(author=period.person)
    if period.projects is not None:
        accepted = accepted.filter(project__in=period.projects)
    rows = accepted.select_related("author", "project", "instruction", "current_revision")
    for task in rows.order_by("id").iterator(chunk_size=500):
        assert task.author is not None
        yield Work(
            at=task.state_since,
            person=task.author,
            project=task.project,
            kind=WorkKind.RECORD,
            reference=str(task.key),
            what=task.instruction.title,
            seconds=_active_seconds(task),
        )


def _active_seconds(task: Task) -> int | None:
    """Active writing time of the approved revision's log, in seconds; None where the log has none."""
    assert task.current_revision is not None
    minutes = task.current_revision.log_summary.get("active_minutes")
    return round(minutes * 60) if minutes is not None else None


def _erase(person: User) -> dict[str, int]:
    """Drafts that were never handed in, with the writing log that would restore them, and words about passing
    on. What was handed in stays under the pseudonym, with the log up to there: it shows how it came to be."""
    given_back = give_back_all(person=person)
    own = Assignment.objects.filter(expert=person)
    unused = own.exclude(state__in=[AssignmentState.SUBMITTED, AssignmentState.CLOSED])
    return {
        "tasks given back": given_back,
        "writing log": _erase_log(person, unused),
        "drafts": unused.update(fields={}, extras={}),
        "notes": own.exclude(skip_note="").update(skip_note=""),
    }


def _erase_log(person: User, unused: "models.QuerySet[Assignment]") -> int:
    """Empty the batches after the newest revision; the chain of hashes up to it stays whole."""
    handed_in = person.revisions.filter(task=models.OuterRef("assignment__task")).order_by(
        "-number"
    )
    newest = models.functions.Coalesce(models.Subquery(handed_in.values("log_sequence")[:1]), 0)
    after = LogBatch.objects.filter(assignment__in=unused, sequence__gt=newest)
    return after.update(payload=b"")


def _stuck_leases(lead: User) -> "models.QuerySet[Assignment]":
    """Held for more than a day without a save, or past their time and not yet taken back."""
    quiet_since = timezone.now() - QUIET
    quiet = Q(saved_at__lt=quiet_since) | Q(saved_at=None, opened_at__lt=quiet_since)
    return (
        Assignment.objects.filter(
            quiet | Q(leased_until__lt=timezone.now()),
            state=AssignmentState.LIVE,
            task__project__in=led_by(lead),
        )
        .select_related("expert", "task__instruction", "task__project")
        .order_by("leased_until", "id")
    )


def _unmatched(lead: User) -> "models.QuerySet[Task]":
    """Open tasks in fields for which no active writer of the project holds a valid credential."""
    reached = Q(pk__in=[])
    projects = list(led_by(lead))
    for project in projects:
        writers = Membership.objects.filter(
            project=project, role=Role.WRITER, paused_at=None, person__is_active=True
        )
        reached |= Q(project=project, domain__in=_covered_by(writers))
    return (
        Task.objects.filter(state=TaskState.OPEN, project__in=projects)
        .exclude(reached)
        .select_related("instruction", "project", "domain")
        .order_by("domain__path", "id")
    )


def _covered_by(writers: "models.QuerySet[Membership]") -> "models.QuerySet[Domain]":
    held = Credential.objects.valid_at().filter(person__in=writers.values("person"))
    below = Q(pk__in=[])
    for path in set(Domain.objects.filter(credentials__in=held).values_list("path", flat=True)):
        below |= Q(path=path) | Q(path__startswith=f"{path}.")
    return Domain.objects.filter(below)


def _workload(lead: User) -> "models.QuerySet[Membership]":
    """Writers with what they hold now, the busiest first."""
    return (
        Membership.objects.filter(project__in=led_by(lead), role=Role.WRITER)
        .select_related("person", "project")
        .annotate(
            live=_count_of(AssignmentState.LIVE),
            handed_in=_count_of(AssignmentState.SUBMITTED),
            lapsed=_count_of(AssignmentState.LAPSED),
        )
        .order_by("-live", "-handed_in", "id")
    )


def _count_of(state: str) -> models.functions.Coalesce:
    of_member = Assignment.objects.filter(
        expert=models.OuterRef("person"), task__project=models.OuterRef("project"), state=state
    )
    counted = (
        of_member.order_by().values("expert").annotate(number=models.Count("pk")).values("number")
    )
    return models.functions.Coalesce(models.Subquery(counted), 0)


def _work_in(member: Membership, slug: str) -> str:
    """The rows behind one number of a member's work in one project."""
    address = reverse("people:work", args=[member.person.pseudonym, slug])
    return f"{address}?project={member.project.slug}"


def _lead_cell(task: Task) -> Cell:
    """A task, linked to what a lead sees of it."""
    url = reverse("projects:task", args=[task.project.slug, task.pk])
    return Cell(task.instruction.title, url)


def _unmatched_cells(task: Task) -> list[Cell]:
    return [
        _lead_cell(task),
        Cell(task.domain.path),
        Cell(task.project.name),
        Cell(task.created_at),
    ]


def _lease_cells(lease: Assignment) -> list[Cell]:
    return [
        person_cell(lease.expert),
        _lead_cell(lease.task),
        Cell(lease.task.project.name),
        Cell(lease.saved_at),
        Cell(lease.leased_until),
    ]


def _load_cells(member: Any) -> list[Cell]:
    return [
        person_cell(member.person),
        Cell(member.project.name),
        Cell(member.live, _work_in(member, "being-written")),
        Cell(member.handed_in, _work_in(member, "handed-in")),
        Cell(member.lapsed, _work_in(member, "lapsed")),
    ]


_BOARDS = (
    Board(
        "unmatched",
        "Work",
        "Open tasks nobody may take",
        "No active writer of the project holds a valid credential in the field.",
        ("Task", "Field", "Project", "Waits since"),
        _unmatched,
        _unmatched_cells,
    ),
    Board(
        "stuck-leases",
        "Work",
        "Stuck while being written",
        "Nothing saved for a day, or past the time and not yet taken back.",
        ("Person", "Task", "Project", "Last save", "Time ends"),
        _stuck_leases,
        _lease_cells,
    ),
    Board(
        "workload",
        "Work",
        "Writers and their load",
        "What each writer holds now, has handed in, and has let lapse.",
        ("Person", "Project", "Writing now", "Handed in", "Lapsed"),
        _workload,
        _load_cells,
    ),
)


def start() -> None:
    """Hand this part's knowledge to the pages about people."""
    register(Source("writing", _figures, _work, data_of, _erase))
    for board in _BOARDS:
        boards.add(board)
