"""Figures about reviewing: each opens exactly the rows that it was computed from."""

import pytest
from django.http import QueryDict

from experts.enums import Role
from review.enums import Verdict
from review.figure_rows import rows_for, words_for
from review.figures import Calibrated, agreement_in, reviewers_in
from review.judgement import Judgement
from review.paging import paged
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
    assert words_for([studio.project.pk], QueryDict(mine.peer_rows).dict()) == [
        "Expert review", f"by everybody but {studio.expert}", "Approve",
    ]  # fmt: skip


def test_what_one_response_was_told_stands_together_and_differences_alone(studio, twice):
    rows = opened(studio, "stage=expert&double=yes")
    assert [row.revision_id for row in rows] == sorted(
        (row.revision_id for row in rows), reverse=True
    )
    assert opened(studio, "stage=expert&double=yes&differ=yes") == []
    assert opened(studio, "stage=expert&double=yes&criterion=accuracy&differ=yes") == []
    marks = [row.mark for row in opened(studio, "stage=expert&double=yes&criterion=accuracy")]
    assert marks == ["fix", "fix"]


def test_two_verdicts_that_differ_are_found(studio, twice, make_task):
    for person, verdict in ((studio.expert, Verdict.APPROVE), (twice, Verdict.REJECT)):
        if person == studio.expert:
            submitted(make_task(), studio.writer, another_text(7))
        judged(person, verdict)
    rows = opened(studio, "stage=expert&double=yes&differ=yes")
    assert {row.verdict for row in rows} == {Verdict.APPROVE, Verdict.REJECT}
    assert len(rows) == 2


def test_criteria_come_in_the_order_of_the_rubric_under_the_names_the_project_gave_them(
    studio, make_task
):
    own = [{"id": "dose", "label": "Dose"}, {"id": "accuracy", "label": "Is it right?"}]
    with_settings(
        studio,
        undo_seconds=0,
        pipeline=[{"stage": "expert", "seats": 2}, {"stage": "format"}],
        rubrics={"expert": {"criteria": own}},
    )
    second = person_with(studio.project, Role.EXPERT, domain=studio.domain)
    submitted(make_task(), studio.writer, another_text(0))
    for person in (studio.expert, second):
        judged(person)
    found = agreement_in("expert", [studio.project.pk])
    assert [each.what for each in found] == ["Verdict", "Is it right?", "Dose"]
    assert words_for([studio.project.pk], QueryDict(found[2].rows).dict())[-1] == (
        "marked on “Dose”"
    )


def test_pages_of_rows_keep_what_belongs_together(studio, twice, monkeypatch):
    monkeypatch.setattr("review.paging.PAGE", 3)
    query = QueryDict("stage=expert&double=yes")
    rows = rows_for([studio.project.pk], query.dict())
    first = paged(rows, query, key="revision_id")
    second = paged(rows, QueryDict(first.next_url[1:]), key="revision_id")
    assert [len(page.rows) for page in (first, second)] == [2, 2]
    assert not set(first.rows) & set(second.rows)
    assert second.next_url == ""


def calibrated_item(studio, number, flaws):
    return add_calibration_item(
        person=studio.lead,
        project=studio.project,
        stage="expert",
        domain=studio.domain,
        title=f"Item {number}",
        content={"messages": [{"role": "user", "content": "How much?"}], "response": "50 g a day."},
        flaws=flaws,
    )


def test_sound_items_tell_of_false_alarms_and_do_not_count_as_flaws_caught(studio, make_task):
    with_settings(studio, calibration_one_in=1, calibration_after=0, undo_seconds=0)
    flaw = {"criterion": "accuracy", "quote": "50 g", "words": "Ten times too much"}
    for number, flaws in enumerate([[flaw], [flaw], [], []]):
        calibrated_item(studio, number, flaws)
    verdicts = {0: Verdict.REJECT, 1: Verdict.APPROVE, 2: Verdict.APPROVE, 3: Verdict.REJECT}
    for _ in range(4):
        sitting = next_sitting(person=studio.expert)
        decide_sitting(
            person=studio.expert, sitting_id=sitting.pk, judgement=Judgement(note="Look."),
            verdict=verdicts[int(sitting.item.title[-1])],
        )  # fmt: skip
        settle_sittings()
    submitted(make_task(), studio.writer, another_text(0))
    judged(studio.expert)
    (mine,) = reviewers_in([studio.project.pk])
    assert mine.calibrated == Calibrated(flawed=2, caught=1, sound=2, alarm=1)
    told = [result.flaws for result in calibration_results(studio.lead, {})]
    assert told == [[], [], [(flaw, False)], [(flaw, True)]]
    for came, count in vars(mine.calibrated).items():
        assert calibration_results(studio.lead, {"came": came}).count() == count


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
    assert mine.calibrated.flawed == calibration_results(studio.lead, wanted).count() == seen
    assert calibration_items(studio.lead).get().seen == seen
    assert not calibration_results(studio.lead, wanted | {"stage": "format"}).exists()
