"""Which open task fits a person, in which order, and why.

A queue is a (project, domain) pair. The best task of a queue stands first in an index, so looking at all
queues of a person costs by the number of queues, not by the number of tasks. Order: priority, then due
date, then fields that have not filled their quota, then age.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, models
from django.db.models import Q
from django.utils import timezone

from annotation.barred import conditions, free_for, why_barred
from annotation.due import day_of, in_words
from annotation.enums import AssignmentState, TaskState
from annotation.models import Assignment, ProjectVersion, Task
from annotation.project_settings import setting
from audit.queries import events_of
from experts.enums import Role
from experts.models import Credential, Domain, Project, User
from experts.queries import ACCOUNTS_OF, OpenField, is_archived, open_fields

EVERY_DIFFICULTY = (1, 5)
# How many tasks of one queue are looked at: the first ones may be locked by people who ask at the same
# moment. Rarely is more than the first step needed.
_DEPTHS = (1, 16, 256)
_ENOUGH_CANDIDATES = 32

# Candidates are read without a lock and only the one that is taken gets one: whoever locked the head of
# every queue would hide tasks from people who ask at the same moment.
_NEXT = """
WITH accounts AS MATERIALIZED (
  {accounts}
), candidate AS MATERIALIZED (
  SELECT head.id, head.priority, head.due_at, lane.filled
  FROM unnest(%(projects)s::bigint[], %(domains)s::bigint[], %(lows)s::int[], %(highs)s::int[], %(filled)s::bool[])
    AS lane(project, domain, low, high, filled)
  {probes}
  CROSS JOIN LATERAL (
    SELECT task.id, task.priority, task.due_at
    FROM annotation_task task
    WHERE task.state = 'open' AND task.project_id = lane.project AND task.domain_id = lane.domain
      AND {fits}
      AND NOT EXISTS (
        SELECT 1 FROM annotation_assignment own
        WHERE own.task_id = task.id AND own.expert_id = %(person)s AND own.state = 'skipped')
      {barred}
    ORDER BY task.priority DESC, task.due_at, task.id
    LIMIT %(depth)s
  ) head
  ORDER BY head.priority DESC, head.due_at, lane.filled, head.id
  LIMIT %(width)s
)
SELECT {columns}
FROM candidate JOIN annotation_task task ON task.id = candidate.id
WHERE task.state = 'open'
ORDER BY candidate.priority DESC, candidate.due_at, candidate.filled, candidate.id
LIMIT 1
FOR UPDATE OF task SKIP LOCKED
"""
_ANY = {"probes": "", "fits": "true"}
_SOME_DIFFICULTIES = {"probes": "", "fits": "task.difficulty BETWEEN lane.low AND lane.high"}
# One probe a language and difficulty, so that a long run of tasks in other languages is never walked.
_OWN_LANGUAGES = {
    "probes": "CROSS JOIN unnest(%(languages)s::text[]) AS spoken(tag)"
    " CROSS JOIN generate_series(lane.low, lane.high) AS grade(level)",
    "fits": "task.language = spoken.tag AND task.difficulty = grade.level",
}

# The planner knows neither how many tasks a queue holds nor that its head is asked for two hundred times;
# now and then it would read whole queues and sort them. Each probe has an index in the right order, so
# everything else is ruled out for the transaction of a claim, and compiling such a plan never pays.
_INDEXES_ONLY = """
SELECT set_config(name, 'off', true) FROM unnest(ARRAY[
  'enable_sort', 'enable_seqscan', 'enable_bitmapscan', 'enable_hashjoin', 'enable_mergejoin', 'jit']) AS option(name)
"""

# The projects in which a person writes, in one question: the version that holds, what they took already,
# and the fields whose qualification they have yet to pass. Only where a limit is set are tasks counted by it.
_PLACES = """
SELECT project.id, project.slug, project.name, version.id, version.number, version.lease_minutes,
  version.settings::text, role.difficulty_from, role.difficulty_to, role.daily_limit,
  (SELECT count(*) FROM annotation_assignment own JOIN annotation_task task ON task.id = own.task_id
   WHERE own.expert_id = role.person_id AND own.state = 'live' AND task.project_id = project.id) AS live,
  CASE WHEN role.daily_limit IS NOT NULL OR version.settings ? 'tasks_per_person_a_day' THEN
    (SELECT count(*) FROM annotation_assignment own JOIN annotation_task task ON task.id = own.task_id
     WHERE own.expert_id = role.person_id AND own.opened_at >= %(midnight)s
       AND task.project_id = project.id) END AS today,
  CASE WHEN version.settings ? 'tasks_per_person' THEN
    (SELECT count(*) FROM annotation_assignment own JOIN annotation_task task ON task.id = own.task_id
     WHERE own.expert_id = role.person_id AND own.state IN ('live', 'submitted')
       AND task.project_id = project.id) END AS ever,
  ARRAY(
    SELECT DISTINCT field.path
    FROM experts_exercise asked JOIN experts_domain field ON field.id = asked.domain_id
    WHERE asked.project_id = project.id AND asked.kind = 'qualification' AND asked.retired_at IS NULL
      AND NOT EXISTS (
        SELECT 1 FROM experts_attempt attempt JOIN experts_exercise taken ON taken.id = attempt.exercise_id
        WHERE attempt.person_id = role.person_id AND attempt.state = 'passed'
          AND taken.project_id = project.id AND taken.domain_id = asked.domain_id)
    ORDER BY field.path) AS unqualified
FROM experts_membership role
JOIN experts_project project ON project.id = role.project_id AND project.archived_at IS NULL
CROSS JOIN LATERAL (
  SELECT * FROM annotation_projectversion one
  WHERE one.project_id = project.id ORDER BY one.number DESC LIMIT 1) version
WHERE role.person_id = %(person)s AND role.role = 'writer' AND role.paused_at IS NULL
ORDER BY project.id
"""


@dataclass(frozen=True)
class Place:
    """A project as one person finds it.

    `closed` says why nothing more is given to them there now; `unqualified`: paths of the fields (each with
    all below it) whose qualification they have yet to pass here.
    """

    project: Project
    version: ProjectVersion
    difficulties: tuple[int, int]
    closed: str = ""
    unqualified: tuple[str, ...] = ()

    def opens(self, path: str) -> bool:
        """Whether no qualification stands before this field."""
        return not any(path == one or path.startswith(f"{one}.") for one in self.unqualified)


@dataclass(frozen=True)
class Lane:
    """One queue that is open to a person. `filled`: the field has reached its quota and waits its turn."""

    project: int
    domain: int
    low: int
    high: int
    filled: bool = False


@dataclass(frozen=True)
class Reach:
    """Everything a person may be given now. `languages` empty: any."""

    person: User
    places: list[Place] = field(default_factory=list)
    fields: dict[int, OpenField] = field(default_factory=dict)
    lanes: list[Lane] = field(default_factory=list)
    languages: list[str] = field(default_factory=list)

    def version_in(self, project: int) -> ProjectVersion:
        """The version that holds in one of the places."""
        return next(place.version for place in self.places if place.project.pk == project)


def reach_of(person: User) -> Reach:
    """Where this person may write now: projects with room for them, fields, languages, difficulties."""
    places = places_of(person)
    open_places = [place for place in places if not place.closed]
    fields = open_fields(person) if open_places else []
    lanes = [lane for place in open_places for lane in _lanes(place, fields)]
    return Reach(person, places, {one.domain: one for one in fields}, lanes, languages_of(person))


def languages_of(person: User) -> list[str]:
    """The tags of tasks this person may get: their own, and the base of each (`en` for `en-GB`)."""
    tags = [str(tag) for tag in person.languages]
    return list(dict.fromkeys([*tags, *(tag.split("-")[0] for tag in tags)]))


def places_of(person: User) -> list[Place]:
    """The projects in which the person writes, each with the reason why it is closed to them now, if so."""
    midnight = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
    with connection.cursor() as cursor:
        cursor.execute(_PLACES, {"person": person.pk, "midnight": midnight})
        return [_place(row) for row in cursor.fetchall()]


def _place(row: Sequence[Any]) -> Place:
    """One row of _PLACES. What it does not hold of project and version is loaded when somebody asks for it."""
    (project_id, slug, name, version_id, number, lease_minutes, settings, *standing) = row
    low, high, daily_limit, live, today, ever, unqualified = standing
    project = Project.from_db("default", ["id", "slug", "name"], [project_id, slug, name])
    version = ProjectVersion.from_db(
        "default",
        ["id", "project_id", "number", "lease_minutes", "settings"],
        [version_id, project_id, number, lease_minutes, json.loads(settings)],
    )
    version.project = project
    closed = _why_closed(version, daily_limit, live, today or 0, ever or 0)
    return Place(project, version, (low, high), closed, tuple(unqualified))


def _why_closed(
    version: ProjectVersion, daily_limit: int | None, live: int, today: int, ever: int
) -> str:
    """The cap that is reached by what a person has live, has started since midnight UTC, and has not passed on."""
    most_live = setting(version, "live_tasks_per_person")
    most_today = daily_limit
    if most_today is None:
        most_today = setting(version, "tasks_per_person_a_day")
    most_ever = setting(version, "tasks_per_person")
    if most_live is not None and live >= most_live:
        return f"You are writing {live} tasks in “{version.project}” already. Finish or pass on one of them first."
    if most_today is not None and today >= most_today:
        return f"You have started {today} tasks in “{version.project}” today, which is the limit. More tomorrow."
    if most_ever is not None and ever >= most_ever:
        return f"You have written {ever} responses for “{version.project}”, as many as it takes from one person."
    return ""


def _lanes(place: Place, fields: list[OpenField]) -> Iterable[Lane]:
    quotas = setting(place.version, "domain_quotas")
    filled = _filled(place.project, quotas) if quotas else set()
    low, high = place.difficulties
    for one in fields:
        if place.opens(one.path):
            yield Lane(place.project.pk, one.domain, low, high, filled=one.path in filled)


def _filled(project: Project, quotas: dict[str, int]) -> set[str]:
    """Paths of the fields whose quota of responses is reached by what is handed in, looking at no more rows than
    the quota itself.
    """
    done = [
        TaskState.EXPERT_REVIEW,
        TaskState.FORMAT_REVIEW,
        TaskState.ADJUDICATION,
        TaskState.APPROVED,
    ]
    ids = dict(Domain.objects.filter(path__in=quotas).values_list("path", "pk"))
    return {
        path
        for path, pk in ids.items()
        if Task.objects.filter(project=project, domain=pk, state__in=done)[: quotas[path]].count()
        >= quotas[path]
    }


def next_task(reach: Reach) -> Task | None:
    """Lock the best open task within reach, or None when there is none.

    Call it inside the transaction that takes the task. Tasks that somebody else is taking at this moment
    are looked past.
    """
    if not reach.lanes:
        return None
    barred = conditions(task="task", accounts="SELECT id FROM accounts")
    fields = Task._meta.concrete_fields  # noqa: SLF001  (public in all but name)
    columns = ", ".join(f"task.{one.column}" for one in fields)
    statement = _NEXT.format(
        **_shape(reach),
        accounts=ACCOUNTS_OF,
        barred=" ".join(f"AND {one}" for one in barred),
        columns=columns,
    )
    row = first_free(statement, _parameters(reach), queues=len(reach.lanes))
    return None if row is None else Task.from_db("default", [one.attname for one in fields], row)


def first_free(
    statement: str, parameters: dict[str, Any], *, queues: int
) -> tuple[Any, ...] | None:
    """Run a claim's statement (it takes %(depth)s and %(width)s), looking deeper into the queues only
    while all that was seen is locked by others; the row that is now locked, or None."""
    first = max(1, _ENOUGH_CANDIDATES // queues)
    with connection.cursor() as cursor:
        cursor.execute(_INDEXES_ONLY)
        for depth in (first * step for step in _DEPTHS):
            cursor.execute(
                statement, {**parameters, "depth": depth, "width": depth * _ENOUGH_CANDIDATES}
            )
            row = cursor.fetchone()
            if row:
                return tuple(row)
    return None


def _shape(reach: Reach) -> dict[str, str]:
    if reach.languages:
        return _OWN_LANGUAGES
    everything = all((lane.low, lane.high) == EVERY_DIFFICULTY for lane in reach.lanes)
    return _ANY if everything else _SOME_DIFFICULTIES


def _parameters(reach: Reach) -> dict[str, Any]:
    return {
        "projects": [lane.project for lane in reach.lanes],
        "domains": [lane.domain for lane in reach.lanes],
        "lows": [lane.low for lane in reach.lanes],
        "highs": [lane.high for lane in reach.lanes],
        "filled": [lane.filled for lane in reach.lanes],
        "languages": reach.languages,
        "person": reach.person.pk,
    }


def takeable_by(person: User) -> models.QuerySet[Task]:
    """Open tasks that this person may take, in the order in which they would come."""
    reach = reach_of(person)
    wanted = Q(pk__in=[])
    by_project: dict[tuple[int, int, int], list[int]] = {}
    for lane in reach.lanes:
        by_project.setdefault((lane.project, lane.low, lane.high), []).append(lane.domain)
    for (project, low, high), domains in by_project.items():
        wanted |= Q(project=project, domain__in=domains, difficulty__gte=low, difficulty__lte=high)
    found = Task.objects.filter(wanted, free_for(person), state=TaskState.OPEN)
    if reach.languages:
        found = found.filter(language__in=reach.languages)
    passed_on = Assignment.objects.filter(expert=person, state=AssignmentState.SKIPPED)
    return (
        found.exclude(pk__in=passed_on.values("task"))
        .select_related("instruction", "domain", "project")
        .order_by("-priority", models.F("due_at").asc(nulls_last=True), "id")
    )


def open_count_for(person: User, most: int = 100) -> int:
    """How many open tasks this person could take now, counted up to `most`."""
    return takeable_by(person).order_by()[:most].count()


def why_not_take(person: User, task: Task) -> str | None:
    """The reason why this person may not take this task, or None when they may."""
    place = next((one for one in places_of(person) if one.project.pk == task.project_id), None)
    if place is None and is_archived(task.project_id):
        return "The project is archived: nothing is begun in it until a lead takes it back."
    if place is None:
        return "You are not a writer in this project."
    if place.closed:
        return place.closed
    low, high = place.difficulties
    if not low <= task.difficulty <= high:
        return f"Tasks of difficulty {low} to {high} come to you; this one has {task.difficulty}."
    spoken = languages_of(person)
    if spoken and task.language not in spoken:
        return f"This task is in “{task.language}”, which is not among the languages on your page."
    if not place.opens(task.domain.path):
        return "This field opens once you have passed its qualification task."
    return why_barred(person, task.pk)


def why_nothing(reach: Reach) -> tuple[str, str]:
    """Why nothing came: a sentence and what to do, each possibly empty."""
    if not reach.places:
        paused = reach.person.memberships.filter(role=Role.WRITER, paused_at__isnull=False)
        if (held := paused.select_related("project").first()) is not None:
            return (
                f"You are paused in “{held.project}”: no new task comes to you. What you have begun stays yours.",
                "The reason, its evidence and your appeal are on your page.",
            )
        archived = reach.person.memberships.filter(
            role=Role.WRITER, project__archived_at__isnull=False
        )
        if (held := archived.select_related("project").first()) is not None:
            return (
                f"“{held.project}” is archived: nothing new begins in it. What you have in hand you can hand in.",
                "",
            )
        return "You are not a writer in any project at the moment.", "Ask the lead who invited you."
    closed = [place.closed for place in reach.places if place.closed]
    if len(closed) == len(reach.places):
        return closed[0], ""
    if not reach.lanes and not Credential.objects.valid_at().filter(person=reach.person).exists():
        return (
            "You hold no verified credential at the moment, so no task can be given to you.",
            "Add a credential on your page; work starts when it has been verified.",
        )
    if not reach.lanes:
        return (
            "Your fields open once you have passed their qualification tasks.",
            "You find them on your page under “Practice and qualification”.",
        )
    return "", ""


def facts_of_claim(task: Task, field: OpenField, *, chosen: bool) -> dict[str, Any]:
    """What to keep about why this task came to a person: read again by `reason_for`."""
    return {
        "chosen": chosen,
        "priority": task.priority,
        "due_at": task.due_at.isoformat() if task.due_at else None,
        "credential": field.credential,
        "domain": field.path,
        "waited_seconds": int((timezone.now() - task.created_at).total_seconds()),
    }


def reason_for(assignment: Assignment) -> list[str]:
    """Why this task came to this person: a few plain sentences for the page, most telling first."""
    task = assignment.task
    claim = (
        events_of(task)
        .filter(verb="annotation.task_claim", actor=assignment.expert)
        .order_by("-id")
        .first()
    )
    facts = claim.data if claim else {}
    reasons = [*_how_it_came(assignment, facts), *_why_in_this_order(facts)]
    credential = (
        Credential.objects.filter(pk=facts.get("credential") or 0)
        .prefetch_related("domains")
        .first()
    )
    if credential is not None:
        covered = next(
            (one.name for one in credential.domains.all() if one.path in task.domain.lineage),
            task.domain.name,
        )
        through = "" if covered == task.domain.name else f", which includes {task.domain.name}"
        reasons.append(f"Your credential “{credential.title}” covers {covered}{through}.")
    return reasons


def _how_it_came(assignment: Assignment, facts: dict[str, Any]) -> list[str]:
    if assignment.task.current_revision_id is not None:
        return ["Reviewers returned it to you, and returned work comes first."]
    if assignment.draft_version and assignment.opened_at < timezone.now() - timedelta(days=1):
        return ["You had begun it, and your draft was kept."]
    return ["You chose it from the list."] if facts.get("chosen") else []


def _why_in_this_order(facts: dict[str, Any]) -> list[str]:
    reasons = []
    if facts.get("priority", 0) > 0:
        reasons.append(f"The project gave it priority {facts['priority']}.")
    if facts.get("due_at"):
        day = day_of(datetime.fromisoformat(facts["due_at"]))
        reasons.append(f"It is due on {in_words(day)}.")
    if not facts.get("chosen") and facts.get("waited_seconds") is not None:
        reasons.append(
            f"It was first in line in your fields: it has waited {_span(facts['waited_seconds'])}."
        )
    return reasons


def _span(seconds: int) -> str:
    for unit, length in (("day", 86400), ("hour", 3600), ("minute", 60)):
        count = seconds // length
        if count:
            return f"{count} {unit}{'s' if count > 1 else ''}"
    return "less than a minute"
