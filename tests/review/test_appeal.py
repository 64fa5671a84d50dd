"""An author asks for a third person."""

import pytest

from annotation.enums import TaskState
from review.enums import Verdict
from review.errors import AppealRefused
from review.models import Appeal
from review.services.appeal import appeal
from tests.factories.annotation import submitted
from tests.factories.review import judged
from tests.review.conftest import DECISION, TEXT, state_of

pytestmark = pytest.mark.django_db


def test_an_appeal_from_format_review_ends_in_approval_by_the_third_person(studio, task):
    submitted(task, studio.writer, TEXT)
    judged(studio.expert)
    judged(studio.format, Verdict.REJECT)
    with pytest.raises(AppealRefused):
        appeal(person=studio.expert, task_id=task.pk, words="Not mine")
    with pytest.raises(AppealRefused):
        appeal(person=studio.writer, task_id=task.pk, words=" ")
    appeal(person=studio.writer, task_id=task.pk, words="The format asks for exactly this.")
    judged(studio.lead, judgement=DECISION)
    assert state_of(task) == TaskState.APPROVED
    assert Appeal.objects.get().words == "The format asks for exactly this."


def test_one_appeal_for_each_revision(studio, task):
    submitted(task, studio.writer, TEXT)
    judged(studio.expert, Verdict.REJECT)
    appeal(person=studio.writer, task_id=task.pk, words="Please look again.")
    judged(studio.lead, Verdict.REQUEST_CHANGES, judgement=DECISION)
    with pytest.raises(AppealRefused):
        appeal(person=studio.writer, task_id=task.pk, words="And again.")
