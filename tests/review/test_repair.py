"""A format reviewer mends the form; what touches the meaning goes back by itself."""

import pytest

from annotation.enums import TaskState
from experts.models import Credential
from review.errors import RepairRefused
from review.models import Repair
from review.services.claim_seat import take_next_review
from review.services.repair import repair_form
from tests.factories.annotation import submitted
from tests.factories.review import judged
from tests.review.conftest import TEXT, state_of

pytestmark = pytest.mark.django_db


def test_a_repair_of_form_stays_with_the_format_reviewer(studio, task):
    submitted(task, studio.writer, TEXT)
    judged(studio.expert)
    seat = take_next_review(person=studio.format)
    repair_form(
        person=studio.format,
        seat_id=seat.pk,
        revision_id=seat.revision_id,
        text=TEXT.replace("4 g", "**4 g**"),
    )
    task.refresh_from_db()
    assert (task.state, task.current_revision.number) == (TaskState.FORMAT_REVIEW, 2)
    assert task.current_revision.author == studio.writer
    assert task.current_revision.log_summary["repaired_by"] == studio.format.pseudonym
    judged(studio.format)
    assert state_of(task) == TaskState.APPROVED


def test_a_repair_that_touches_meaning_returns_to_the_expert_by_itself(studio, task):
    submitted(task, studio.writer, TEXT)
    judged(studio.expert)
    seat = take_next_review(person=studio.format)
    repair = repair_form(
        person=studio.format,
        seat_id=seat.pk,
        revision_id=seat.revision_id,
        text=TEXT.replace("4 g", "3 g"),
    )
    assert not repair.form_only
    assert state_of(task) == TaskState.EXPERT_REVIEW
    again = take_next_review(person=studio.expert)
    assert again.revision == repair.after
    judged(studio.expert)
    assert take_next_review(person=studio.format).task_id == task.pk


def test_repairs_that_cannot_be_made_give_the_text_back(studio, task):
    submitted(task, studio.writer, TEXT)
    judged(studio.expert)
    seat = take_next_review(person=studio.format)
    Credential.objects.filter(person=studio.writer).update(state="revoked")
    for text in (TEXT, TEXT + "x"):
        with pytest.raises(RepairRefused) as refusal:
            repair_form(
                person=studio.format, seat_id=seat.pk, revision_id=seat.revision_id, text=text
            )
        assert refusal.value.kept_text == text
    assert not Repair.objects.exists()
