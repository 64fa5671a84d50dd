"""Questions to people by name, asked from a review: by its address, which does not tell work from a
calibration item. What one reads here of an item is what one reads of work."""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db.models import Q
from django.urls import reverse

from annotation.models import Instruction, Question
from annotation.services.questions import (
    Askable,
    Thread,
    people_in,
    people_to_ask,
    threads_in,
    threads_of,
)
from experts.enums import Role
from experts.models import Membership, User
from experts.queries import projects_held_by
from review.desk import seeming_instruction
from review.enums import StageSlug
from review.errors import NotYourSeat
from review.models import CalibrationItem, CalibrationQuestion, CalibrationSitting, Seat


@dataclass(frozen=True)
class Asking:
    """The questions from one review as one person sees them. `people` is empty where they ask nothing;
    `is_calibration` is known to leads alone, who answer for nobody's work then."""

    instruction: Instruction
    threads: Sequence[Thread]
    people: Sequence[Askable]
    is_mine: bool
    is_calibration: bool = False


def asking_at(person: User, address: int) -> Asking:
    """What was asked from this review, for its reviewer, for whom they asked and for leads."""
    seat = (
        Seat.objects.filter(pk=address)
        .select_related("task__instruction__domain", "task__project")
        .first()
    )
    found = _about_item(person, address) if seat is None else _about_work(person, seat)
    if not (found.is_mine or found.threads):
        raise NotYourSeat
    return found


def page_of_thread(first: Question) -> str:
    """Where a thread about a task is read that a reviewer began: at their review."""
    seat = Seat.objects.filter(task=first.task_id, reviewer=first.author_id).first()
    return reverse("review:ask", args=[seat.pk]) if seat else ""


def people_for_sitting(person: User, item: CalibrationItem) -> list[Askable]:
    """Whom the reviewer of an item may ask. Work leaves out who wrote it and who judged it before, so
    for an item somebody is left out as well: drawn by lot, the same person every time."""
    concerned = {person.pk, *_drawn(item, Role.WRITER, {person.pk})}
    if item.stage == StageSlug.FORMAT:
        concerned |= _drawn(item, Role.EXPERT, concerned)
    return people_in(item.project_id, person=person, concerned=concerned)


def _about_work(person: User, seat: Seat) -> Asking:
    mine = seat.reviewer_id == person.pk
    threads = threads_of(person, seat.task)
    return Asking(
        instruction=seat.task.instruction,
        threads=[one for one in threads if one.first.author.pk != seat.task.author_id],
        people=people_to_ask(person, seat.task) if mine else [],
        is_mine=mine,
    )


def _about_item(person: User, address: int) -> Asking:
    sitting = (
        CalibrationSitting.objects.filter(pk=address)
        .select_related("item__project", "item__domain")
        .first()
    )
    if sitting is None:
        raise NotYourSeat
    mine = sitting.reviewer_id == person.pk
    leads = projects_held_by(person, Role.LEAD).filter(pk=sitting.item.project_id).exists()
    said = CalibrationQuestion.objects.filter(sitting=sitting).select_related("author", "to")
    if not leads:
        said = said.filter(Q(author=person) | Q(to=person))
    return Asking(
        instruction=seeming_instruction(sitting),
        threads=threads_in(said, person),
        people=people_for_sitting(person, sitting.item) if mine else [],
        is_mine=mine,
        is_calibration=leads and not mine,
    )


def _drawn(item: CalibrationItem, role: Role, besides: Collection[int]) -> set[int]:
    """One member with this role on whom the lot falls for this item, if there is one."""
    members = (
        Membership.objects.filter(project=item.project_id, role=role, paused_at=None)
        .exclude(person__in=besides)
        .values_list("person", flat=True)
    )

    def lot(member: int) -> bytes:
        return hashlib.blake2b(f"{item.pk}:{member}".encode(), digest_size=8).digest()

    return set(sorted(members, key=lot)[:1])
