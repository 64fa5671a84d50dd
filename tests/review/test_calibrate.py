"""Calibration items: mixed in, judged, counted."""

import pytest

from lib.errors import Invalid
from review.enums import Verdict
from review.errors import NothingElseToReview
from review.judgement import Judgement
from review.models import CalibrationResult
from review.queries import with_person
from review.services.calibrate import (
    add_calibration_item,
    comment_in_sitting,
    decide_sitting,
    next_sitting,
    settle_sittings,
    undo_sitting,
    withdraw_calibration_item,
)
from review.services.take_next import take_another, take_next
from tests.factories.annotation import submitted
from tests.review.conftest import TEXT, with_settings

pytestmark = pytest.mark.django_db


@pytest.fixture
def item(studio):
    with_settings(studio, calibration_one_in=1, calibration_after=0, undo_seconds=0)
    return add_calibration_item(
        person=studio.lead,
        project=studio.project,
        stage="expert",
        domain=studio.domain,
        title="Dose",
        content={
            "messages": [{"role": "user", "content": "How much?"}],
            "response": "Take 50 g a day.",
        },
        flaws=[{"criterion": "accuracy", "quote": "50 g", "words": "Ten times too much"}],
    )


@pytest.mark.parametrize(
    ("verdict", "marks", "quote", "caught"),
    [
        (Verdict.APPROVE, {}, "", []),
        (Verdict.REJECT, {"accuracy": {"mark": "fail", "reason": "Ten times too much"}}, "", [0]),
        (Verdict.REQUEST_CHANGES, {"clarity": {"mark": "fix"}}, "", []),
        (Verdict.REQUEST_CHANGES, {"clarity": {"mark": "fix"}}, "50 g", [0]),
        (Verdict.REJECT, {}, "", [0]),
    ],
)
def test_known_flaws_are_counted_when_seen(studio, item, verdict, marks, quote, caught):
    sitting = next_sitting(person=studio.expert)
    assert next_sitting(person=studio.expert) == sitting
    if quote:
        comment_in_sitting(
            person=studio.expert, sitting_id=sitting.pk, body="?", quote=quote, suggestion=None
        )
    decide_sitting(
        person=studio.expert,
        sitting_id=sitting.pk,
        verdict=verdict,
        judgement=Judgement(criteria=marks, note="Words"),
    )
    settle_sittings()
    assert CalibrationResult.objects.get().caught == caught
    assert next_sitting(person=studio.expert) is None


def test_an_item_is_put_aside_like_any_review(studio, item, task):
    submitted(task, studio.writer, TEXT)
    sitting = take_next(person=studio.expert)
    assert sitting == next_sitting(person=studio.expert).pk
    seat = take_another(person=studio.expert, address=sitting)
    assert seat != sitting
    with pytest.raises(NothingElseToReview):
        take_another(person=studio.expert, address=seat)
    assert [one.pk for one in with_person(studio.expert)] == [sitting, seat]
    assert take_next(person=studio.expert) == sitting
    with pytest.raises(NothingElseToReview):
        take_another(person=studio.expert, address=sitting)
    assert take_next(person=studio.expert) == seat


def test_a_calibration_verdict_can_be_undone_like_any_other(studio, item):
    with_settings(studio, calibration_one_in=1, calibration_after=0, undo_seconds=60)
    sitting = next_sitting(person=studio.expert)
    decide_sitting(
        person=studio.expert,
        sitting_id=sitting.pk,
        verdict=Verdict.APPROVE,
        judgement=Judgement(note="Good"),
    )
    undo_sitting(person=studio.expert, sitting_id=sitting.pk)
    sitting.refresh_from_db()
    assert sitting.draft["note"] == "Good"
    assert not CalibrationResult.objects.exists()


def test_items_go_to_nobody_before_they_are_settled_in_or_after_withdrawal(studio, item):
    assert next_sitting(person=studio.format) is None
    assert next_sitting(person=studio.lead) is None
    with_settings(studio, calibration_one_in=1, calibration_after=3)
    assert next_sitting(person=studio.expert) is None
    with_settings(studio, calibration_one_in=1, calibration_after=0)
    withdraw_calibration_item(person=studio.lead, item_id=item.pk)
    assert next_sitting(person=studio.expert) is None


@pytest.mark.parametrize(
    "flaw",
    [
        {"criterion": "nonsense", "words": "x"},
        {"criterion": "accuracy", "quote": "not there", "words": "x"},
        {"criterion": "accuracy", "words": " "},
    ],
)
def test_flaws_that_hold_nothing_are_refused(studio, flaw):
    with pytest.raises(Invalid):
        add_calibration_item(
            person=studio.lead,
            project=studio.project,
            stage="expert",
            domain=studio.domain,
            title="x",
            content={"messages": [{"role": "user", "content": "?"}], "response": "Text"},
            flaws=[flaw],
        )
