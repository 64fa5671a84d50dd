"""Figures about reviewing: each opens exactly the rows that it was computed from."""

import pytest
from django.http import QueryDict

from experts.enums import Role
from review.enums import Verdict
from review.figures import agreement_in, reviewers_in, rows_for, words_for
from review.judgement import Judgement
from review.queries import calibration_items, calibration_results
from review.services.calibrate import (
    add_calibration_item,
    decide_sitting,
    next_sitting,
    settle_sittings,
)
from tests.factories.annotation import submitted
from tests.factories.experts import person_with
from tests.factories.review import judged
from tests.review.conftest import another_text, with_settings

pytestmark = pytest.mark.django_db


def opened(studio, query):
    return list(rows_for([studio.project.pk], QueryDict(query).dict()))


@pytest.fixture
def twice(studio, make_task):
    """Two responses that two experts judged; on the second one of them said nothing of accuracy."""
    pipeline = [{"stage": "expert", "seats": 2}, {"stage": "format", "seats": 1}]
    with_settings(studio, undo_seconds=0, pipeline=pipeline)
    second = person_with(studio.project, Role.EXPERT, domain=studio.domain)
    amiss = Judgement(note="See there.", criteria={"accuracy": {"mark": "fix"}})
    for number, said in enumerate([amiss, Judgement(note="See there.")]):
        submitted(make_task(), studio.writer, another_text(number))
        judged(studio.expert, Verdict.REQUEST_CHANGES, judgement=amiss)
        judged(second, Verdict.REQUEST_CHANGES, judgement=said)
    return second


def test_what_one_reviewer_left_open_is_neither_counted_nor_opened(studio, twice):
    found = {each.what: each for each in agreement_in("expert", [studio.project.pk])}
    assert (found["Verdict"].found.units, found["Accuracy"].found.units) == (2, 1)
    assert len(opened(studio, found["Verdict"].rows)) == 4
    rows = opened(studio, found["Accuracy"].rows)
    assert len(rows) == 2
    assert len({row.revision_id for row in rows}) == 1


def test_shares_of_a_reviewer_and_of_the_peers_open_what_they_count(studio, twice, make_task):
    submitted(make_task(), studio.writer, another_text(9))
    judged(twice)
    mine = {one.person_id: one for one in reviewers_in([studio.project.pk])}[studio.expert.pk]
    assert len(opened(studio, mine.rows)) == mine.reviews == 2
    assert opened(studio, mine.approved_rows) == []
    assert [row.reviewer for row in opened(studio, mine.peer_rows)] == [twice]
    assert opened(studio, mine.recent_peer_rows) == opened(studio, mine.peer_rows)
    assert words_for(QueryDict(mine.peer_rows).dict()) == [
        "Expert review", f"by everybody but {studio.expert}", "Approve",
    ]  # fmt: skip


@pytest.mark.parametrize(("verdict", "seen"), [(Verdict.REJECT, 1), (Verdict.RECUSE, 0)])
def test_who_passes_an_item_on_has_missed_nothing(studio, make_task, verdict, seen):
    with_settings(studio, calibration_one_in=1, calibration_after=0, undo_seconds=0)
    add_calibration_item(
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
    sitting = next_sitting(person=studio.expert)
    said = Judgement(note="Not mine.")
    decide_sitting(person=studio.expert, sitting_id=sitting.pk, verdict=verdict, judgement=said)
    settle_sittings()
    submitted(make_task(), studio.writer, another_text(0))
    judged(studio.expert)
    (mine,) = reviewers_in([studio.project.pk])
    wanted = {"reviewer": str(studio.expert.pk), "stage": "expert"}
    assert mine.seen == calibration_results(studio.lead, wanted).count() == seen
    assert calibration_items(studio.lead).get().seen == seen
    assert not calibration_results(studio.lead, wanted | {"stage": "format"}).exists()
