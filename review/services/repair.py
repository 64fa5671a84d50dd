"""A format reviewer mends the form of a response; what touches its meaning goes back to the expert."""

from django.db import transaction

from annotation.models import Revision
from annotation.project_settings import setting
from annotation.repair import is_form_only
from annotation.services.append_repair import append_repair
from annotation.services.move import move_task
from audit.services import record
from experts.models import User
from lib.errors import DomainError
from review.enums import StageSlug
from review.errors import RepairRefused
from review.models import Repair, Seat
from review.services.lock_seat import lock_seat
from review.services.submit_review import require_seat


@transaction.atomic
def repair_form(*, person: User, seat_id: int, revision_id: int, text: str) -> Repair:
    """Store the format reviewer's edit as the next revision.

    Where no word and no figure changed, within the project's limit, the review goes on over the new
    revision. Otherwise the task returns to the expert by itself, who sees the difference. Raises
    RepairRefused with the text, or what require_seat raises.
    """
    task, seat = lock_seat(seat_id)
    require_seat(person, seat, task, revision_id, text)
    if seat.stage != StageSlug.FORMAT:
        raise RepairRefused("Only the format reviewer repairs the form.", kept_text=text)
    before = seat.revision
    require_change(before.text, text)
    try:
        with transaction.atomic():
            after = append_repair(task=task, by=person, text=text)
    except DomainError as refusal:
        raise RepairRefused(refusal.message, kept_text=text) from refusal
    form_only = _is_form(task.expert_passed_revision or before, after)
    made = Repair.objects.create(
        task=task, reviewer=person, before=before, after=after, form_only=form_only
    )
    record(
        verb="review.form_repaired",
        actor=person,
        target=made,
        project_id=task.project_id,
        task=task.pk,
        form_only=form_only,
    )
    if form_only:
        task.current_revision = after
        task.save(update_fields=["current_revision"])
        Seat.objects.filter(task=task, stage=seat.stage).update(revision=after)
    else:
        move_task(
            task=task,
            verb="return_to_expert",
            actor=person,
            changes={"current_revision": after},
            revision=after.number,
        )
    return made


def require_change(before: str, text: str) -> None:
    """Raise where a repair changes nothing."""
    if before == text.replace("\r\n", "\n"):
        raise RepairRefused(
            "Nothing was changed.", advice="Mend the text, then store it.", kept_text=text
        )


def _is_form(passed: Revision, after: Revision) -> bool:
    limit = setting(after.project_version, "form_repair_limit")
    return is_form_only(passed.target, after.target, limit=limit)
