"""Pass many all-green format reviews at once; a random sample of them must be looked at one by one."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db import transaction

from annotation.project_settings import setting
from experts.enums import Role
from experts.models import User
from experts.queries import projects_of
from lib.errors import DomainError
from review.enums import SeatState, StageSlug, Verdict
from review.judgement import Judgement
from review.models import Seat
from review.pipeline import drawn
from review.queries import is_green
from review.services.claim_seat import lease_free_seat
from review.services.lock_seat import lock_seat
from review.services.submit_review import append_verdict

MOST = 100


@dataclass
class Passed:
    """What came of a bulk pass, by seat."""

    passed: list[int] = field(default_factory=list)
    drawn: list[int] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


def bulk_pass(*, person: User, seat_ids: Sequence[int]) -> Passed:
    """Approve each of the given free, all-green format reviews.

    The lot, fixed by the task itself, keeps the project's share (`bulk_sample`) back: those are leased to
    this person to be read. Each review is its own transaction: one refusal leaves the others done.
    """
    outcome = Passed()
    for seat_id in sorted(set(seat_ids))[:MOST]:
        try:
            _pass_one(person, seat_id, outcome)
        except DomainError as refusal:
            outcome.refused.append(refusal.message)
    return outcome


@transaction.atomic
def _pass_one(person: User, seat_id: int, outcome: Passed) -> None:
    task, seat = lock_seat(seat_id)
    if not _is_for(person, seat):
        outcome.refused.append(
            "Somebody else has taken one of them, or a check is not green any more."
        )
        return
    lease_free_seat(seat, person)
    share = float(setting(seat.revision.project_version, "bulk_sample"))
    if drawn(task.key.hex, salt="bulk", share=share):
        outcome.drawn.append(seat_id)
        return
    append_verdict(
        person=person,
        task=task,
        seat=seat,
        verdict=Verdict.APPROVE,
        judgement=Judgement(),
        bulk=True,
    )
    outcome.passed.append(seat_id)


def _is_for(person: User, seat: Seat) -> bool:
    return (
        seat.state == SeatState.OPEN
        and seat.stage == StageSlug.FORMAT
        and seat.author_id != person.pk
        and is_green(seat)
        and projects_of(person, Role.FORMAT).filter(pk=seat.project_id).exists()
        and not Seat.objects.filter(task=seat.task_id, reviewer=person).exists()
    )
