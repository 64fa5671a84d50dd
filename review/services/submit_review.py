"""Append one verdict, and move the task when its stage has decided."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from annotation.models import Revision, Task
from annotation.services.move import lock_task, move_task
from audit.services import record
from experts.models import Credential, User
from experts.queries import valid_credential
from experts.rules import hold_role
from review.enums import QualityClass, SeatState, Use, Verdict
from review.errors import NotYourSeat, ReviewerNotQualified, RevisionMovedOn, SeatLost, VerdictIncomplete
from review.models import Review, Seat
from review.stages import Stage, by_slug


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
) -> Review:
    """Record `person`'s verdict in their seat on the revision they looked at.

    Raises NotYourSeat, SeatLost, RevisionMovedOn, VerdictIncomplete or ReviewerNotQualified; nothing is
    recorded then and the words come back with the refusal.
    """
    task = lock_task(Seat.objects.values_list("task", flat=True).get(pk=seat_id))
    seat = Seat.objects.select_for_update().select_related("revision__project_version").get(pk=seat_id)
    stage = by_slug(seat.stage)
    _require_seat(person, seat, task, revision_id, note)
    hold_role.require(person, seat.project, stage.role)
    marks = _complete(stage, verdict, criteria or {}, note)
    review = Review.objects.create(
        seat=seat,
        task=task,
        revision=seat.revision,
        stage=stage.slug,
        number=seat.number,
        reviewer=person,
        credential=_credential(person, task, stage, verdict, note),
        project_version=seat.revision.project_version,
        verdict=verdict,
        criteria=marks,
        note=note.strip(),
        quality_class=quality_class or (QualityClass.A if verdict == Verdict.APPROVE else ""),
        use=use,
    )
    record(
        verb="review.verdict_given", actor=person, target=review, project_id=task.project_id,
        task=task.pk, stage=stage.slug, verdict=verdict,
    )
    if verdict == Verdict.RECUSE:
        _free(seat)
    else:
        seat.state = SeatState.DECIDED
        seat.leased_until = None
        seat.save(update_fields=["state", "leased_until"])
        _conclude(task, stage, seat.revision, person)
    return review


def _require_seat(person: User, seat: Seat, task: Task, revision_id: int, note: str) -> None:
    if seat.reviewer_id != person.pk:
        raise (SeatLost if seat.reviewer_id is None else NotYourSeat)(kept_text=note)
    if seat.revision_id != revision_id or task.current_revision_id != revision_id:
        raise RevisionMovedOn(kept_text=note)
    if seat.state not in {SeatState.HELD, SeatState.RESERVED}:
        raise RevisionMovedOn("This review is already decided.", kept_text=note)


def _complete(stage: Stage, verdict: Verdict, criteria: Mapping[str, Any], note: str) -> dict[str, Any]:
    """The marks of all criteria. What an approving reviewer left open counts as passed, and the page
    says so; every other verdict needs words."""
    if verdict not in {Verdict.APPROVE, Verdict.RECUSE} and not note.strip():
        raise VerdictIncomplete
    if verdict != Verdict.RECUSE and verdict not in stage.outcomes:
        raise VerdictIncomplete("This stage has no such verdict.", advice="Choose another verdict.")
    marks = {criterion.id: dict(criteria.get(criterion.id) or {}) for criterion in stage.criteria}
    if verdict == Verdict.APPROVE:
        failed = [c.label for c in stage.criteria if marks[c.id].get("mark") == "fail"]
        if failed:
            raise VerdictIncomplete(
                f"You marked “{'”, “'.join(failed)}” as failed, so this cannot be approved.",
                advice="Change the mark, or request changes.",
                kept_text=note,
            )
        for mark in marks.values():
            mark.setdefault("mark", "pass")
    return marks


def _credential(person: User, task: Task, stage: Stage, verdict: Verdict, note: str) -> Credential | None:
    if not stage.needs_credential or verdict == Verdict.RECUSE:
        return None
    credential = valid_credential(person, task.domain)
    if credential is None:
        raise ReviewerNotQualified(kept_text=note)
    return credential


def _free(seat: Seat) -> None:
    seat.state = SeatState.OPEN
    seat.reviewer = None
    seat.leased_until = None
    seat.save(update_fields=["state", "reviewer", "leased_until"])


def _conclude(task: Task, stage: Stage, revision: Revision, person: User) -> None:
    """Move the task once every seat of the stage has decided."""
    seats = Seat.objects.filter(task=task, stage=stage.slug).exclude(state=SeatState.CLOSED)
    if seats.exclude(state=SeatState.DECIDED).exists():
        return
    verdicts = [
        Verdict(verdict)
        for verdict in Review.objects.filter(revision=revision, stage=stage.slug)
        .exclude(verdict=Verdict.RECUSE)
        .order_by("number")
        .values_list("verdict", flat=True)
    ]
    verb = stage.outcomes[stage.agreed(verdicts)]
    changes = {"expert_passed_revision": revision} if verb == "pass_expert" else {}
    move_task(task=task, verb=verb, actor=person, changes=changes, revision=revision.number)
