"""Append one verdict, and move the task when its stage has decided."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from annotation.models import Revision, Task
from annotation.project_settings import setting
from annotation.services.move import move_task
from audit.services import record
from experts.models import User
from experts.queries import standing_of
from experts.rules import hold_role
from lib.prepared import prepared
from review.enums import SeatState, Use, Verdict
from review.errors import (
    AlreadyDecided,
    AuthorUnderAnotherName,
    EvidenceUnanswered,
    NotYourSeat,
    ReviewerNotQualified,
    RevisionMovedOn,
    SeatLost,
)
from review.evidence import flags_of
from review.judgement import Judgement, completed, placed, source_ids
from review.models import Review, Seat
from review.rubric import Rubric, rubric_of
from review.services.lock_seat import lock_seat
from review.services.open_seats import next_step, open_step, seats_on
from review.stages import Stage, by_slug, in_state

JUDGED_FROM = {SeatState.HELD, SeatState.RESERVED}


@transaction.atomic
def submit_review(
    *,
    person: User,
    seat_id: int,
    revision_id: int,
    verdict: Verdict,
    criteria: Mapping[str, Any] | None = None,
    note: str = "",
    quality_class: str = "",
    use: str = Use.TRAIN,
    judgement: Judgement | None = None,
    bulk: bool = False,
) -> Review:
    """Record `person`'s verdict in their seat on the revision they looked at, at once.

    `judgement` says all in one value; the four loose arguments are for callers that need no more. Raises
    NotYourSeat, SeatLost, RevisionMovedOn, VerdictIncomplete, EvidenceUnanswered or ReviewerNotQualified;
    nothing is recorded then and the words come back with the refusal.
    """
    said = judgement or Judgement(
        criteria=criteria or {}, note=note, quality_class=quality_class, use=use
    )
    task, seat = lock_seat(seat_id)
    require_seat(person, seat, task, revision_id, said.note)
    return append_verdict(
        person=person, task=task, seat=seat, verdict=verdict, judgement=said, bulk=bulk
    )


def require_seat(person: User, seat: Seat, task: Task, revision_id: int, note: str) -> None:
    """Raise unless `person` may decide in this seat on this revision (0: the one it judges) now."""
    if seat.reviewer_id != person.pk:
        raise (SeatLost if seat.reviewer_id is None else NotYourSeat)(kept_text=note)
    looked_at = revision_id or seat.revision_id
    if seat.revision_id != looked_at or task.current_revision_id != looked_at:
        raise RevisionMovedOn(kept_text=note)
    if seat.state not in JUDGED_FROM:
        raise AlreadyDecided(kept_text=note)


def checked(
    person: User, task: Task, seat: Seat, verdict: Verdict, said: Judgement
) -> tuple[Judgement, int | None]:
    """What would be recorded, and under which credential (its key); raises the refusal by name."""
    stage = by_slug(seat.stage)
    standing = standing_of(
        person,
        project=seat.project_id,
        role=stage.role,
        author=task.author_id,
        domain=task.domain_id,
    )
    if not standing.holds_role:
        hold_role.require(person, seat.project, stage.role)
    if verdict != Verdict.RECUSE and standing.is_author:
        raise AuthorUnderAnotherName(kept_text=said.note)
    asked = task.instruction.requirements if stage.covers_requirements else ()
    complete = completed(
        said,
        stage=stage,
        rubric=rubric_for(seat),
        verdict=verdict,
        requirements=[str(each["id"]) for each in asked],
        sources=source_ids(seat.revision.sources) if stage.checks_sources else (),
    )
    if any(answer.get("quote") for answer in complete.coverage.values()):
        complete = placed(complete, seat.revision.text)
    if verdict == Verdict.APPROVE:
        _require_evidence_answer(seat.revision, complete)
    if not stage.needs_credential or verdict == Verdict.RECUSE:
        return complete, None
    if standing.credential is None:
        raise ReviewerNotQualified(kept_text=said.note)
    return complete, standing.credential


def rubric_for(seat: Seat) -> Rubric:
    """The criteria of a seat: those of the project version its revision was written under."""
    version = seat.revision.project_version
    return rubric_of(by_slug(seat.stage), rubrics=version.rubrics, project_version=version.number)


def append_verdict(
    *,
    person: User,
    task: Task,
    seat: Seat,
    verdict: Verdict,
    judgement: Judgement,
    bulk: bool = False,
    given_at: datetime | None = None,
) -> Review:
    """Append the row and the event, then conclude the stage. Task and seat are locked by the caller."""
    complete, credential = checked(person, task, seat, verdict, judgement)
    review = Review.objects.create(
        seat=seat,
        task=task,
        revision=seat.revision,
        stage=seat.stage,
        number=seat.number,
        round=seat.round,
        reviewer=person,
        credential_id=credential,
        project_version=seat.revision.project_version,
        rubric=rubric_for(seat).version,
        verdict=verdict,
        bulk=bulk,
        created_at=given_at or timezone.now(),
        **complete.as_json(),
    )
    record(
        verb="review.verdict_given",
        actor=person,
        target=review,
        project_id=task.project_id,
        task=task.pk,
        stage=seat.stage,
        verdict=verdict,
    )
    if verdict == Verdict.RECUSE:
        _free(seat)
    else:
        _decide(seat)
        _conclude(task, review, person)
    return review


def _require_evidence_answer(revision: Revision, said: Judgement) -> None:
    wanted = setting(revision.project_version, "answer_evidence_flags")
    if wanted and flags_of(revision.log_summary) and not said.evidence_answer:
        raise EvidenceUnanswered(kept_text=said.note)


def _free(seat: Seat) -> None:
    """A recusal gives the seat to somebody else, clean."""
    seat.state = SeatState.OPEN
    seat.reviewer = seat.leased_until = seat.settles_at = None
    seat.draft, seat.pending = {}, {}
    seat.save(update_fields=["state", "reviewer", "leased_until", "settles_at", "draft", "pending"])


# One that every verdict needs and that never differs, so its plan is kept.
_DECIDED = """
UPDATE review_seat SET state = 'decided', leased_until = NULL, settles_at = NULL, pending = '{}' WHERE id = %s
"""


def _decide(seat: Seat) -> None:
    seat.state, seat.leased_until, seat.settles_at, seat.pending = SeatState.DECIDED, None, None, {}
    with prepared() as cursor:
        cursor.execute(_DECIDED, [seat.pk])


def _conclude(task: Task, review: Review, person: User) -> None:
    """Once every seat of the stage has decided: on to the next stage of this state, or move the task."""
    stage, revision = by_slug(review.stage), review.revision
    seats = [seat for seat in seats_on(task) if seat.stage == stage.slug]
    sitting = [seat for seat in seats if seat.state != SeatState.CLOSED]
    if any(seat.state != SeatState.DECIDED for seat in sitting):
        return
    joint = stage.agreed(_verdicts(review, alone=len(sitting) == 1))
    following = next_step(task, stage)
    if joint == Verdict.APPROVE and following is not None:
        open_step(task, following)
        return
    came_from = _came_from(task, revision, stage) if stage.outcomes_after else ""
    verb = stage.verb(joint, came_from=came_from)
    changes = {"expert_passed_revision": revision} if verb == "pass_expert" else {}
    move_task(task=task, verb=verb, actor=person, changes=changes, revision=revision.number)


def _verdicts(last: Review, *, alone: bool) -> list[Verdict]:
    """What the seats of a stage decided on one revision; `last` is the verdict just given."""
    if alone:
        return [Verdict(last.verdict)]
    decided = Review.objects.filter(revision=last.revision_id, stage=last.stage)
    given = decided.exclude(verdict=Verdict.RECUSE).order_by("number")
    return [Verdict(verdict) for verdict in given.values_list("verdict", flat=True)]


def _came_from(task: Task, revision: Revision, stage: Stage) -> str:
    """The stage whose verdict on this revision brought the task to `stage`."""
    siblings = [each.slug for each in in_state(stage.state)]
    earlier = Review.objects.filter(task=task, revision=revision).exclude(stage__in=siblings)
    return earlier.order_by("-id").values_list("stage", flat=True).first() or ""
