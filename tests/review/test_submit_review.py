"""What a verdict needs, what it keeps, what is refused, and where it leads."""

import json

import pytest

from annotation.enums import TaskState
from annotation.models import Assignment
from annotation.services.claim import take
from annotation.services.submit import submit_revision
from experts.enums import Role
from experts.models import Credential
from exports.models import Record
from exports.services.freeze import freeze_records
from review.enums import SeatState, Verdict
from review.errors import (
    AuthorUnderAnotherName,
    EvidenceUnanswered,
    PassageGone,
    ReviewerNotQualified,
    RevisionMovedOn,
    VerdictIncomplete,
)
from review.judgement import Judgement
from review.models import Review
from review.services.claim_seat import take_next_review
from review.services.give_verdict import settle_own
from review.services.submit_review import submit_review
from tests.factories.annotation import submitted, write
from tests.factories.experts import person_with
from tests.factories.review import judged
from tests.review.conftest import TEXT, another_text, given, state_of, with_settings

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("verdict", [Verdict.REQUEST_CHANGES, Verdict.REJECT, Verdict.ESCALATE])
def test_words_are_needed(studio, task, verdict):
    submitted(task, studio.writer, TEXT)
    with pytest.raises(VerdictIncomplete):
        given(studio.expert, verdict, note="   ")


def test_what_failed_is_not_approved(studio, task):
    submitted(task, studio.writer, TEXT)
    with pytest.raises(VerdictIncomplete, match="Accuracy"):
        given(studio.expert, criteria={"accuracy": {"mark": "fail", "reason": "Wrong dose"}})
    judged(studio.expert)
    with pytest.raises(VerdictIncomplete, match="requirement r1"):
        given(studio.format, coverage={"r1": {"mark": "missed"}})


def test_a_failed_criterion_says_why(studio, task):
    submitted(task, studio.writer, TEXT)
    with pytest.raises(VerdictIncomplete, match="Accuracy") as refusal:
        given(
            studio.expert,
            Verdict.REJECT,
            criteria={"accuracy": {"mark": "fail"}},
            note="Kept words",
        )
    assert refusal.value.kept_text == "Kept words"


@pytest.mark.parametrize("said", [Judgement(note="Fine"), Judgement(category="taste")])
def test_a_third_person_names_what_lay_behind_it_in_words(studio, task, said):
    submitted(task, studio.writer, TEXT)
    judged(studio.expert, Verdict.ESCALATE)
    with pytest.raises(VerdictIncomplete):
        judged(studio.lead, judgement=said)
    assert state_of(task) == TaskState.ADJUDICATION


@pytest.fixture
def sourced(studio, task):
    """A response that names two sources, waiting for its expert."""
    assignment = take(person=studio.writer, task_id=task.pk)
    write(assignment, TEXT)
    named = [{"id": "s1", "citation": "Leaflet, 2024"}, {"citation": "Handbook, chapter 3"}]
    Assignment.objects.filter(pk=assignment.pk).update(extras={"sources": named})
    submit_revision(person=studio.writer, task_id=task.pk)
    return task


def test_what_was_found_of_each_source_stays_with_the_review(studio, sourced):
    found = {
        "s1": {"mark": "supports"},
        "2": {"mark": "not_opened", "note": "Out of print"},
        "s9": {"mark": "supports"},
    }
    review = judged(studio.expert, judgement=Judgement(sources=found))
    assert review.sources == {"s1": found["s1"], "2": found["2"]}


def test_the_record_says_which_sources_were_looked_up(studio, sourced):
    judged(studio.expert, judgement=Judgement(sources={"s1": {"mark": "supports", "note": "p. 4"}}))
    judged(studio.format)
    freeze_records()
    expert, form = json.loads(Record.objects.get().data)["verification"]["reviews"]
    assert expert["sources"] == {"s1": "supports"}
    assert "sources" not in form


def test_a_source_nobody_looked_up_is_not_called_checked(studio, sourced):
    assert judged(studio.expert, judgement=Judgement()).sources == {}


def test_a_source_that_does_not_support_its_claim_is_explained_and_not_approved(studio, sourced):
    against = {"s1": {"mark": "does_not_support"}}
    with pytest.raises(VerdictIncomplete, match="which claim"):
        judged(
            studio.expert, Verdict.REJECT, judgement=Judgement(sources=against, note="See there")
        )
    against["s1"]["note"] = "It says 3 g."
    with pytest.raises(VerdictIncomplete, match="source 1"):
        judged(studio.expert, judgement=Judgement(sources=against))
    said = Judgement(sources=against, note="See the source.")
    assert judged(studio.expert, Verdict.REQUEST_CHANGES, judgement=said).sources == against


def test_the_passage_that_answers_a_requirement_is_kept_with_its_range(studio, make_task):
    task = make_task(requirements=[{"id": "r1", "text": "Name the dose.", "kind": "ask"}])
    submitted(task, studio.writer, TEXT)
    judged(studio.expert)
    said = {"r1": {"mark": "met", "quote": "500 mg every six hours"}}
    with pytest.raises(PassageGone, match="r1"):
        judged(studio.format, judgement=Judgement(coverage={"r1": {"quote": "not there"}}))
    kept = judged(studio.format, judgement=Judgement(coverage=said)).coverage["r1"]
    text = task.revisions.get().text
    assert text[kept["start"] : kept["end"]] == kept["quote"]
    assert "500 mg" in kept["quote"]


def test_open_marks_count_as_passed_and_are_written_down(studio, task):
    submitted(task, studio.writer, TEXT)
    review = judged(studio.expert)
    assert {mark["mark"] for mark in review.criteria.values()} == {"pass"}
    assert judged(studio.format).coverage == {"r1": {"mark": "met"}}


def test_a_verdict_on_a_revision_that_moved_on(studio, task):
    submitted(task, studio.writer, TEXT)
    seat = take_next_review(person=studio.expert)
    stale = seat.revision_id + 1
    with pytest.raises(RevisionMovedOn) as refusal:
        submit_review(
            person=studio.expert,
            seat_id=seat.pk,
            revision_id=stale,
            verdict=Verdict.REJECT,
            note="Kept words",
        )
    assert refusal.value.kept_text == "Kept words"


def test_a_second_verdict_in_the_same_seat(studio, task):
    submitted(task, studio.writer, TEXT)
    review = judged(studio.expert)
    with pytest.raises(RevisionMovedOn):
        submit_review(
            person=studio.expert,
            seat_id=review.seat_id,
            revision_id=review.revision_id,
            verdict=Verdict.APPROVE,
        )


def test_a_credential_that_lapsed_between_taking_and_judging(studio, task):
    submitted(task, studio.writer, TEXT)
    seat = take_next_review(person=studio.expert)
    Credential.objects.filter(person=studio.expert).update(state="revoked")
    with pytest.raises(ReviewerNotQualified):
        submit_review(
            person=studio.expert,
            seat_id=seat.pk,
            revision_id=seat.revision_id,
            verdict=Verdict.APPROVE,
        )


def test_an_author_who_turns_out_to_hold_the_seat_cannot_judge_but_can_leave(studio, task):
    submitted(task, studio.writer, TEXT)
    other = person_with(studio.project, Role.EXPERT, domain=studio.domain)
    seat = take_next_review(person=other)
    Credential.objects.filter(person__in=[studio.writer, other]).update(number_digest="a" * 64)
    for verdict in (Verdict.APPROVE, Verdict.REJECT):
        with pytest.raises(AuthorUnderAnotherName) as refusal:
            given(other, verdict, note="All of it")
        assert refusal.value.kept_text == "All of it"
    judged(other, Verdict.RECUSE)
    seat.refresh_from_db()
    assert seat.state == SeatState.OPEN
    assert take_next_review(person=studio.expert).pk == seat.pk


def test_a_verdict_that_waits_while_the_second_account_is_found_out_goes_back(studio, task):
    submitted(task, studio.writer, TEXT)
    other = person_with(studio.project, Role.EXPERT, domain=studio.domain)
    seat = given(other, note="Fine")
    Credential.objects.filter(person__in=[studio.writer, other]).update(number_digest="a" * 64)
    settle_own(other)
    seat.refresh_from_db()
    assert seat.state == SeatState.HELD
    assert "register number" in seat.draft["refused"]
    assert not Review.objects.exists()


def test_a_rubric_changed_in_mid_review(studio, task):
    submitted(task, studio.writer, TEXT)
    seat = take_next_review(person=studio.expert)
    with_settings(studio, rubrics={"expert": {"criteria": [{"id": "wit", "label": "Wit"}]}})
    review = submit_review(
        person=studio.expert, seat_id=seat.pk, revision_id=seat.revision_id, verdict=Verdict.APPROVE
    )
    assert "accuracy" in review.criteria
    assert review.rubric == "expert/1"
    assert review.project_version == studio.version


def test_a_project_has_criteria_of_its_own(studio, task):
    with_settings(studio, rubrics={"expert": {"criteria": [{"id": "wit", "label": "Wit"}]}})
    submitted(task, studio.writer, TEXT)
    review = judged(studio.expert)
    assert review.criteria == {"wit": {"mark": "pass"}}
    assert review.rubric == "project/2"


def test_evidence_is_answered_where_the_project_asks(studio, task, monkeypatch):
    with_settings(studio, answer_evidence_flags=True)
    monkeypatch.setattr(
        "review.services.submit_review.flags_of", lambda summary: ["pasted from elsewhere 60 %"]
    )
    submitted(task, studio.writer, TEXT)
    with pytest.raises(EvidenceUnanswered):
        given(studio.expert)
    given(studio.expert, evidence_answer="A quotation, and marked as one.")


def test_two_seats_that_agree_pass_and_that_differ_go_to_a_third_person(studio, make_task):
    with_settings(
        studio,
        undo_seconds=0,
        pipeline=[{"stage": "expert", "seats": 2}, {"stage": "format", "seats": 1}],
    )
    second = person_with(studio.project, Role.EXPERT, domain=studio.domain)
    agreed, disputed = make_task(), make_task()
    for task in (agreed, disputed):
        submitted(task, studio.writer, another_text(task.pk))
        judged(studio.expert)
        assert state_of(task) == TaskState.EXPERT_REVIEW
        judged(second, Verdict.APPROVE if task is agreed else Verdict.REJECT)
    assert state_of(agreed) == TaskState.FORMAT_REVIEW
    assert state_of(disputed) == TaskState.ADJUDICATION
    review = judged(studio.lead, judgement=Judgement(category="taste", note="Both hold."))
    assert (review.category, review.note) == ("taste", "Both hold.")
    assert state_of(disputed) == TaskState.FORMAT_REVIEW
