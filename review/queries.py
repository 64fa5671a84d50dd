"""Reads of the reviewing side."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import models
from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    Func,
    IntegerField,
    Min,
    OuterRef,
    Q,
    Value,
    When,
)
from django.utils import timezone

from annotation.enums import Severity
from annotation.finding import holding
from annotation.models import Finding, Instruction, Task
from experts.enums import Role
from experts.models import Domain, User
from experts.queries import open_domains, projects_of
from review.enums import SeatState, StageSlug, Verdict
from review.models import (
    CAME_OF_IT,
    CalibrationItem,
    CalibrationResult,
    CalibrationSitting,
    Review,
    SavedView,
    Seat,
)
from review.stages import PIPELINE, Stage

MINE = [SeatState.HELD, SeatState.RESERVED]
# With a person now: what they hold, and what waits for them unless its project is archived.
WITH_PERSON = Q(state=SeatState.HELD) | Q(
    state=SeatState.RESERVED, project__archived_at__isnull=True
)
# A count on a page stops here: what it says to a person is "plenty".
COUNTED_UP_TO = 1_000


def seats_of(person: User) -> models.QuerySet[Seat]:
    """The seats this person holds or is expected in: held first, then returned, each oldest first; what they
    put aside comes last, the earliest first."""
    held_first = Case(
        When(state=SeatState.HELD, then=Value(0)), default=Value(1), output_field=IntegerField()
    )
    return (
        Seat.objects.filter(WITH_PERSON, reviewer=person)
        .select_related("task__instruction", "project", "domain", "revision__project_version")
        .order_by(F("put_aside_at").asc(nulls_first=True), held_first, "opened_at", "id")
    )


def open_sittings_of(person: User) -> models.QuerySet[CalibrationSitting]:
    """The calibration item that this person has before them, if any."""
    return CalibrationSitting.objects.filter(reviewer=person, decided_at=None, settles_at=None)


def put_aside_by(person: User) -> list[int]:
    """Addresses of what this person put aside, the earliest first."""
    seats = Seat.objects.filter(WITH_PERSON, reviewer=person, put_aside_at__isnull=False)
    found = [
        *seats.values_list("put_aside_at", "pk"),
        *open_sittings_of(person)
        .filter(put_aside_at__isnull=False)
        .values_list("put_aside_at", "pk"),
    ]
    return [address for _, address in sorted(found)]


def with_person(person: User) -> list[Seat]:
    """What the home page lists as with this person; an open calibration item looks like any seat."""
    sittings = open_sittings_of(person).select_related("item__domain")
    found = [*(_as_seat(sitting) for sitting in sittings), *seats_of(person)[:20]]
    waiting = [seat for seat in found if seat.put_aside_at is None]
    aside = [(seat.put_aside_at, seat.pk, seat) for seat in found if seat.put_aside_at]
    return waiting + [seat for *_, seat in sorted(aside)]


def _as_seat(sitting: CalibrationSitting) -> Seat:
    item = sitting.item
    return Seat(
        pk=sitting.pk,
        stage=item.stage,
        round=1,
        state=SeatState.HELD,
        opened_at=sitting.opened_at,
        put_aside_at=sitting.put_aside_at,
        domain=item.domain,
        task=Task(instruction=Instruction(messages=item.content["messages"])),
    )


DONE = {
    Verdict.APPROVE: "Approved.",
    Verdict.REQUEST_CHANGES: "Changes requested.",
    Verdict.REJECT: "Rejected.",
    Verdict.RECUSE: "Passed on as outside your field.",
    Verdict.ESCALATE: "Escalated to a third person.",
}


@dataclass(frozen=True)
class Undoable:
    """A verdict that can still be taken back, by the address of its page; `words` say what was decided."""

    address: int
    words: str
    title: str
    settles_at: datetime


def undoable_by(person: User) -> Undoable | None:
    """The newest verdict of this person that can still be undone."""
    now = timezone.now()
    seats = Seat.objects.filter(reviewer=person, state=SeatState.PENDING, settles_at__gt=now)
    sittings = CalibrationSitting.objects.filter(
        reviewer=person, decided_at=None, settles_at__gt=now
    )
    found = [
        Undoable(seat.pk, _done(seat), seat.task.instruction.title, seat.settles_at)
        for seat in seats.select_related("task__instruction")
        if seat.settles_at
    ]
    found += [
        Undoable(
            sitting.pk,
            _done(sitting),
            title_of(sitting.item.content["messages"]),
            sitting.settles_at,
        )
        for sitting in sittings.select_related("item")
        if sitting.settles_at
    ]
    return max(found, key=lambda each: each.settles_at, default=None)


def _done(decided: Seat | CalibrationSitting) -> str:
    return DONE[Verdict(decided.pending["verdict"])]


def title_of(messages: list[dict[str, object]]) -> str:
    """The title that an instruction with these messages has in lists."""
    return Instruction(messages=messages).title


def reviews_of(task_id: int) -> models.QuerySet[Review]:
    """All verdicts on a task, oldest first."""
    return Review.objects.filter(task=task_id).select_related("reviewer", "revision").order_by("id")


def last_review_by(person: User, task_id: int) -> Review | None:
    """This person's newest verdict on a task: what their next look is compared with."""
    return (
        Review.objects.filter(task=task_id, reviewer=person)
        .select_related("revision", "project_version")
        .order_by("-id")
        .first()
    )


@dataclass(frozen=True)
class Waiting:
    """One stage as the home page tells of it. `count` is None above COUNTED_UP_TO."""

    stage: Stage
    count: int | None
    oldest: object
    reason: str = ""


def waiting_for(person: User) -> list[Waiting]:
    """For each stage this person may sit in, how much is free for them to take, and since when."""
    return [found for stage in PIPELINE if (found := _waiting_in(person, stage)) is not None]


def _waiting_in(person: User, stage: Stage) -> Waiting | None:
    projects = projects_of(person, stage.role)
    if not projects.exists():
        return None
    seats = (
        Seat.objects.filter(state=SeatState.OPEN, stage=stage.slug, project__in=projects)
        .exclude(author=person)
        .exclude(task__seats__reviewer=person)
    )
    if stage.needs_credential:
        domains = list(open_domains(person).values_list("pk", flat=True))
        if not domains:
            return Waiting(
                stage,
                0,
                None,
                "It needs a verified credential, and you hold none that is valid now.",
            )
        seats = seats.filter(domain__in=domains)
    found = seats.order_by()[: COUNTED_UP_TO + 1].aggregate(
        count=Count("pk"), oldest=Min("opened_at")
    )
    count = found["count"]
    return Waiting(stage, count if count <= COUNTED_UP_TO else None, found["oldest"])


def stages_shown() -> list[Stage]:
    """The stages figures are shown for, in the order of the list."""
    return list(PIPELINE)


def calibration_items(lead: User) -> models.QuerySet[CalibrationItem]:
    """The items of the projects this person leads, newest first, with counts."""
    return (
        CalibrationItem.objects.filter(project__in=projects_of(lead, Role.LEAD))
        .select_related("project", "domain")
        .annotate(seen=Count("results", filter=~Q(results__verdict=Verdict.RECUSE)))
        .order_by("-id")
    )


def calibration_results(
    lead: User, wanted: Mapping[str, str]
) -> models.QuerySet[CalibrationResult]:
    """What came of calibration items, newest first; `wanted` may name a reviewer, a stage, an item, and what
    came of it: a flaw caught or missed, a sound response let pass or stopped."""
    led = projects_of(lead, Role.LEAD)
    found = CalibrationResult.objects.judged().filter(item__project__in=led)
    if stage := wanted.get("stage", ""):
        found = found.filter(item__stage=stage)
    for name in ("reviewer", "item"):
        if (key := wanted.get(name, "")).isdecimal():
            found = found.filter(**{name: int(key)})
    if (came := wanted.get("came", "")) in CAME_OF_IT:
        found = found.filter(CAME_OF_IT[came])
    return found.select_related("item", "reviewer").order_by("-id")


@dataclass(frozen=True)
class CalibrationSource:
    """What a calibration item takes over from a response that exists."""

    initial: Mapping[str, object]
    content: Mapping[str, object]
    turns_before: list[dict[str, object]]


def calibration_source(lead: User, task_id: str) -> CalibrationSource | None:
    """The task to start an item from, when this person leads its project."""
    if not task_id.isdecimal():
        return None
    task = (
        Task.objects.filter(pk=int(task_id), project__in=projects_of(lead, Role.LEAD))
        .select_related("instruction", "current_revision", "project", "domain")
        .first()
    )
    if task is None or task.current_revision is None:
        return None
    instruction, revision = task.instruction, task.current_revision
    turns = list(instruction.messages)
    asked = str(turns.pop()["content"]) if turns and turns[-1].get("role") == "user" else ""
    return CalibrationSource(
        initial={
            "project": task.project,
            "domain": task.domain,
            "instruction": asked,
            "response": revision.text,
            "source": task.pk,
        },
        content={
            "requirements": instruction.requirements,
            "evidence": instruction.evidence,
            "difficulty": instruction.difficulty,
            "sources": revision.sources,
            "coverage": revision.coverage,
            "log_summary": revision.log_summary,
        },
        turns_before=turns,
    )


@dataclass(frozen=True)
class Filters:
    """What the grid of ready items may be narrowed to; `words` are looked for in instruction and response."""

    words: str = ""
    check: str = ""
    domain: str = ""
    green: bool = False
    shortest: int = 0
    longest: int = 0
    older_days: int = 0


def filters_in(query: Mapping[str, str]) -> Filters:
    """The filters a query string holds; nonsense counts as not set."""

    def number(name: str) -> int:
        text = query.get(name, "")
        return int(text) if text.isdecimal() and len(text) < 8 else 0

    return Filters(
        words=query.get("words", "").strip(),
        check=query.get("check", ""),
        domain=query.get("domain", ""),
        green=bool(query.get("green")),
        shortest=number("shortest"),
        longest=number("longest"),
        older_days=number("older"),
    )


# How many items the grid shows at once: what a person can look over.
GRID = 60


def ready_for(person: User, wanted: Filters) -> list[Seat]:
    """Free format reviews for this person, oldest first, with their findings, narrowed to `wanted`."""
    seats = (
        Seat.objects.filter(
            state=SeatState.OPEN,
            stage=StageSlug.FORMAT,
            project__in=projects_of(person, Role.FORMAT),
        )
        .exclude(author=person)
        .exclude(task__seats__reviewer=person)
        .select_related("task__instruction", "domain", "project", "revision__project_version")
        .prefetch_related("revision__findings")
        .order_by("opened_at", "id")
    )
    amiss = Finding.objects.filter(
        revision=OuterRef("revision"), severity__in=[Severity.ERROR, Severity.WARNING]
    )
    if wanted.words:
        asked, answered = (
            holding(wanted.words, "task__instruction"),
            holding(wanted.words, "revision"),
        )
        seats = seats.filter(Q(asked) | Q(answered))
    if wanted.green:
        seats = seats.filter(~Exists(amiss))
    if wanted.check:
        found = Finding.objects.filter(revision=OuterRef("revision"), check_id=wanted.check)
        seats = seats.filter(Exists(found))
    if wanted.domain:
        seats = seats.filter(
            Q(domain__path=wanted.domain) | Q(domain__path__startswith=f"{wanted.domain}.")
        )
    if wanted.older_days:
        seats = seats.filter(opened_at__lt=timezone.now() - timedelta(days=wanted.older_days))
    return list(_of_length(seats, wanted)[:GRID])


def _of_length(seats: models.QuerySet[Seat], wanted: Filters) -> models.QuerySet[Seat]:
    """Length in characters of the stored response, which the database can count by itself."""
    if not (wanted.shortest or wanted.longest):
        return seats
    seats = seats.annotate(
        characters=Func(
            "revision__target",
            function="length",
            template="length((%(expressions)s)::text)",
            output_field=IntegerField(),
        )
    )
    if wanted.shortest:
        seats = seats.filter(characters__gte=wanted.shortest)
    return seats.filter(characters__lte=wanted.longest) if wanted.longest else seats


def is_green(seat: Seat) -> bool:
    """Whether no check found anything amiss in what this seat judges."""
    return not any(
        f.severity in {Severity.ERROR, Severity.WARNING} for f in seat.revision.findings.all()
    )


def checks_found(person: User) -> list[str]:
    """The checks that found something in what waits for this person's format review."""
    waiting = Seat.objects.filter(
        state=SeatState.OPEN, stage=StageSlug.FORMAT, project__in=projects_of(person, Role.FORMAT)
    ).values("revision")[:COUNTED_UP_TO]
    found = Finding.objects.filter(revision__in=list(waiting.values_list("revision", flat=True)))
    return list(found.order_by("check_id").values_list("check_id", flat=True).distinct())


def views_of(person: User) -> models.QuerySet[SavedView]:
    """The filters this person gave a name."""
    return SavedView.objects.filter(person=person)


def waiting_domains(person: User) -> list[Domain]:
    """The fields of what waits for this person's format review."""
    waiting = Seat.objects.filter(
        state=SeatState.OPEN, stage=StageSlug.FORMAT, project__in=projects_of(person, Role.FORMAT)
    )
    return list(Domain.objects.filter(pk__in=waiting.order_by().values("domain")))
