"""Which free seat fits a person, in which order, and why. As for writing (annotation.routing): each
(project, domain) queue is one index walk, and only the seat that is taken gets a lock."""

from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.utils import timezone

from annotation.routing import first_free, languages_of
from experts.enums import Role
from experts.models import User
from experts.queries import (
    ACCOUNTS_OF,
    HELD_ROLES,
    OPEN_FIELDS,
    UNACCEPTED,
    projects_of,
    valid_credential,
)
from lib.prepared import prepared
from review.enums import SeatState
from review.models import Review, Seat
from review.stages import Stage, by_slug

_NEXT = """
WITH candidate AS MATERIALIZED (
  SELECT head.id, head.priority, head.opened_at
  FROM unnest(%(projects)s::bigint[], %(domains)s::bigint[]) AS lane(project, domain)
  CROSS JOIN LATERAL (
    SELECT seat.id, seat.priority, seat.opened_at
    FROM review_seat seat
    WHERE seat.state = 'open' AND seat.stage = %(stage)s
      AND seat.project_id = lane.project AND seat.domain_id = lane.domain
      AND seat.author_id <> ALL(%(accounts)s::bigint[]) AND seat.id <> %(after)s
      AND NOT EXISTS (
        SELECT 1 FROM review_seat own WHERE own.task_id = seat.task_id AND own.reviewer_id = %(person)s)
      AND NOT EXISTS (
        SELECT 1 FROM review_review past WHERE past.task_id = seat.task_id AND past.reviewer_id = %(person)s)
      AND NOT EXISTS (
        SELECT 1 FROM annotation_assignment written
        WHERE written.task_id = seat.task_id AND written.expert_id = %(person)s)
      AND (%(stage)s = 'adjudication' OR NOT EXISTS (  -- whom the author asked by name knows the author
        SELECT 1 FROM annotation_question question
        WHERE question.task_id = seat.task_id AND question.to_id = %(person)s))
      AND (%(any_language)s OR EXISTS (
        SELECT 1 FROM annotation_task task
        WHERE task.id = seat.task_id AND task.language = ANY(%(languages)s::text[])))
    ORDER BY seat.priority DESC, seat.opened_at, seat.id
    LIMIT %(depth)s
  ) head
  ORDER BY head.priority DESC, head.opened_at, head.id
  LIMIT %(width)s
)
SELECT seat.id
FROM candidate JOIN review_seat seat ON seat.id = candidate.id
WHERE seat.state = 'open'
ORDER BY candidate.priority DESC, candidate.opened_at, candidate.id
LIMIT 1
FOR UPDATE OF seat SKIP LOCKED
"""

# Fields with a free seat, hopping from one to the next along the index instead of reading every seat.
_WAITING = """
WITH RECURSIVE waiting AS (
  (SELECT project_id, domain_id FROM review_seat
   WHERE state = 'open' AND stage = %(stage)s AND project_id = ANY(%(projects)s::bigint[])
   ORDER BY project_id, domain_id LIMIT 1)
  UNION ALL
  SELECT hop.project_id, hop.domain_id FROM waiting CROSS JOIN LATERAL (
    SELECT project_id, domain_id FROM review_seat
    WHERE state = 'open' AND stage = %(stage)s AND project_id = ANY(%(projects)s::bigint[])
      AND (project_id, domain_id) > (waiting.project_id, waiting.domain_id)
    ORDER BY project_id, domain_id LIMIT 1) hop
)
SELECT project_id, domain_id FROM waiting
"""


def is_same_person(person: User, other: int | None) -> bool:
    """Whether an account is this person's, under whatever name: both hold the same register number."""
    with prepared() as cursor:
        cursor.execute(
            f"SELECT EXISTS (SELECT 1 FROM ({ACCOUNTS_OF}) accounts WHERE id = %(other)s)",
            {"person": person.pk, "other": other},
        )
        return bool(cursor.fetchone()[0])


# What this person sits in already and did not put aside: the first of `review.queries.seats_of`.
_OWN = """
SELECT id, state FROM review_seat
WHERE reviewer_id = %(person)s AND state = ANY(%(states)s) AND id <> %(after)s AND put_aside_at IS NULL
  AND (state = 'held' OR NOT EXISTS (  -- what came back waits while its project is archived
    SELECT 1 FROM experts_project project
    WHERE project.id = review_seat.project_id AND project.archived_at IS NOT NULL))
ORDER BY state <> 'held', opened_at, id
LIMIT 1
"""

# Nearly always nothing stands before the queue; one look tells, instead of one for each table.
_BEFORE = f"""
SELECT
  {UNACCEPTED},
  EXISTS (SELECT 1 FROM review_seat WHERE state = 'pending' AND settles_at <= %(now)s),
  EXISTS (SELECT 1 FROM review_calibrationitem WHERE withdrawn_at IS NULL)
    OR EXISTS (SELECT 1 FROM review_calibrationsitting WHERE reviewer_id = %(person)s AND decided_at IS NULL),
  (SELECT id FROM ({_OWN}) own)
"""


@dataclass(frozen=True)
class Before:
    """What comes before the queue: `agreements` to accept, `verdicts` whose undo time is over, `calibration` that
    may be this person's turn, and the seat that they hold already (its key)."""

    agreements: bool
    verdicts: bool
    calibration: bool
    held: int | None


def before_queue(person: User, *, after: int | None = None) -> Before:
    """What there is for this person before they get a review from the queue. Locks nothing."""
    parameters: dict[str, Any] = {
        "now": timezone.now(),
        "person": person.pk,
        "states": [SeatState.HELD],
        "after": after or 0,
    }
    with prepared() as cursor:
        cursor.execute(_BEFORE, parameters)
        return Before(*cursor.fetchone())


# What a person has and may be given, in one question: whoever goes on to their next review waits for the answer.
_REACH = f"""
WITH own AS MATERIALIZED ({_OWN} FOR UPDATE), held AS MATERIALIZED ({HELD_ROLES})
SELECT (SELECT id FROM own), (SELECT state FROM own),
  ARRAY(SELECT role FROM held WHERE counts ORDER BY project_id, role),
  ARRAY(SELECT project_id FROM held WHERE counts ORDER BY project_id, role),
  ARRAY(SELECT id FROM ({OPEN_FIELDS}) field), ARRAY({ACCOUNTS_OF})
"""


@dataclass(frozen=True)
class Reach:
    """Everything a person may review: the seat they hold or that waits for them (its key and state), the roles they
    hold in projects, the domains that their credentials open, and their accounts, whose work they never judge."""

    person: User
    own: tuple[int, str] | None
    roles: list[tuple[str, int]]
    fields: list[int]
    accounts: list[int]

    def projects(self, role: Role) -> list[int]:
        """Where this person holds `role`: the keys of `projects_of`."""
        if self.person.is_superuser and role == Role.LEAD:
            return list(projects_of(self.person, role).order_by().values_list("pk", flat=True))
        return [project for held, project in self.roles if held == role]


def reach_of(person: User, *, after: int | None = None) -> Reach:
    """What is within this person's reach now; the seat they have already is locked, unless it is `after`."""
    now = timezone.now()
    parameters: dict[str, Any] = {
        "person": person.pk,
        "states": [SeatState.HELD, SeatState.RESERVED],
        "after": after or 0,
        "moment": now,
        "day": now.date(),
    }
    with prepared() as cursor:
        cursor.execute(_REACH, parameters)
        seat, state, roles, projects, fields, accounts = cursor.fetchone()
    own = None if seat is None else (int(seat), str(state))
    return Reach(person, own, list(zip(roles, projects, strict=True)), fields, accounts)


def next_seat_id(reach: Reach, stage: Stage, *, after: int | None = None) -> int | None:
    """Lock and name the best free seat of a stage within reach, or None; `after` is one to look past.

    Call it inside the transaction that takes the seat.
    """
    lanes = _lanes(reach, stage)
    if not lanes:
        return None
    languages = languages_of(reach.person)
    parameters: dict[str, Any] = {
        "projects": [project for project, _ in lanes],
        "domains": [domain for _, domain in lanes],
        "stage": stage.slug,
        "person": reach.person.pk,
        "accounts": reach.accounts,
        "after": after or 0,
        "languages": languages,
        "any_language": not languages,
    }
    row = first_free(_NEXT, parameters, queues=len(lanes))
    return None if row is None else int(row[0])


def _lanes(reach: Reach, stage: Stage) -> list[tuple[int, int]]:
    """The (project, domain) queues of a stage in which this person may sit."""
    projects = reach.projects(stage.role)
    if not projects:
        return []
    if stage.needs_credential:
        return [(project, field) for project in projects for field in reach.fields]
    with connection.cursor() as cursor:
        cursor.execute(_WAITING, {"stage": stage.slug, "projects": projects})
        return [(int(project), int(domain)) for project, domain in cursor.fetchall()]


def reason_for_seat(seat: Seat) -> list[str]:
    """Why this review came to its reviewer: plain sentences, most telling first."""
    assert seat.reviewer is not None
    reasons = []
    if Review.objects.filter(seat=seat, reviewer=seat.reviewer).exists():
        reasons.append("You judged an earlier revision, so this one comes back to you.")
    if seat.priority > 0:
        reasons.append(f"The project gave it priority {seat.priority}.")
    days = (timezone.now() - seat.opened_at).days
    reasons.append(
        f"It was first in line: it has waited {f'{days} days' if days > 1 else 'since ' + _day(seat)}."
    )
    if by_slug(seat.stage).needs_credential:
        credential = valid_credential(seat.reviewer, seat.domain)
        if credential is not None:
            reasons.append(f"Your credential “{credential.title}” covers {seat.domain.name}.")
    return reasons


def _day(seat: Seat) -> str:
    return f"{seat.opened_at:%d %B}"
