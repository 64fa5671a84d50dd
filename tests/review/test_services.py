"""The verbs of reviewing, one after the other, and what each refuses."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from annotation.enums import TaskState
from annotation.models import Assignment, ProjectVersion
from annotation.services.claim import take, take_next
from annotation.services.submit import submit_revision
from audit.models import Event
from experts.enums import Role
from experts.models import Credential
from exports.models import Record
from exports.services.freeze import freeze_records
from lib.errors import DomainError, Invalid, NotAllowed
from review.enums import Answer, SeatState, Verdict
from review.errors import (
    AppealRefused,
    AuthorUnderAnotherName,
    EvidenceUnanswered,
    NothingToReview,
    NotYourSeat,
    PassageGone,
    RepairRefused,
    ReviewerNotQualified,
    RevisionMovedOn,
    SeatLost,
    UndoTooLate,
    VerdictIncomplete,
)
from review.judgement import Judgement
from review.models import Appeal, CalibrationResult, Comment, Repair, Review, Seat
from review.services.appeal import appeal
from review.services.bulk_pass import bulk_pass
from review.services.calibrate import (
    add_calibration_item,
    comment_in_sitting,
    decide_sitting,
    next_sitting,
    settle_sittings,
    undo_sitting,
    withdraw_calibration_item,
)
from review.services.claim_seat import lapse_seats, take_free_seat, take_next_review, take_seat
from review.services.comment import add_comment, answer_comment, answer_suggestion, settle_comment
from review.services.give_verdict import (
    give_verdict,
    settle_due,
    settle_for,
    settle_own,
    undo_verdict,
)
from review.services.keep_draft import keep_draft
from review.services.repair import repair_form
from review.services.submit_review import submit_review
from review.threads import threads_of
from tests.factories.annotation import submitted, write
from tests.factories.experts import person_with
from tests.factories.review import judged
from tests.review.conftest import TEXT, another_text

pytestmark = pytest.mark.django_db


DECISION = Judgement(category="response", note="The dose is missing.")


def given(person, verdict=Verdict.APPROVE, **fields):
    seat = take_next_review(person=person)
    return give_verdict(
        person=person,
        seat_id=seat.pk,
        revision_id=seat.revision_id,
        verdict=verdict,
        judgement=Judgement(**fields),
    )


def with_settings(studio, **changes):
    """A newer version of the project with other settings; work written from now on is done under it."""
    fields = {"project": studio.project, "number": studio.project.versions.count() + 1}
    extra = {name: changes.pop(name) for name in ("pipeline", "rubrics") if name in changes}
    return ProjectVersion.objects.create(**fields, **extra, settings=changes)


def state_of(task):
    task.refresh_from_db()
    return task.state


# Undo


def test_a_verdict_waits_and_is_then_recorded(studio, task):
    submitted(task, studio.writer, TEXT)
    seat = given(studio.expert)
    assert state_of(task) == TaskState.EXPERT_REVIEW
    assert settle_due() == 0
    Seat.objects.filter(pk=seat.pk).update(settles_at=timezone.now())
    assert settle_due() == 1
    assert settle_due() == 0
    assert state_of(task) == TaskState.FORMAT_REVIEW
    assert Event.objects.filter(verb="review.verdict_given").count() == 1


def test_whoever_would_leave_with_nothing_gets_it_at_once(studio, task):
    submitted(task, studio.writer, TEXT)
    given(studio.expert)
    assert take_next_review(person=studio.format).task_id == task.pk


def test_who_has_other_work_does_not_cut_the_undo_time(studio, make_task):
    older, newer = make_task(), make_task()
    submitted(older, studio.writer, TEXT)
    judged(studio.expert)
    submitted(newer, studio.writer, another_text(2))
    seat = given(studio.expert)
    assert take_next_review(person=studio.format).task_id == older.pk
    seat.refresh_from_db()
    assert seat.state == SeatState.PENDING


def test_the_author_and_the_lead_see_it_at_once(studio, make_task):
    first, second = make_task(), make_task()
    submitted(first, studio.writer, TEXT)
    given(studio.expert, Verdict.REQUEST_CHANGES, note="Name the source.")
    assert settle_for(studio.expert) == 0
    assert settle_for(studio.writer) == 1
    assert take_next(person=studio.writer).task_id == first.pk
    submitted(
        second, person_with(studio.project, Role.WRITER, domain=studio.domain), another_text(2)
    )
    given(studio.expert)
    assert settle_for(studio.lead) == 1


def test_signing_out_records(studio, task):
    submitted(task, studio.writer, TEXT)
    given(studio.expert)
    assert settle_own(studio.expert) == 1
    assert state_of(task) == TaskState.FORMAT_REVIEW


def test_undo_gives_back_every_word(studio, task):
    submitted(task, studio.writer, TEXT)
    marks = {"accuracy": {"mark": "fix", "reason": "Dose"}}
    seat = given(studio.expert, Verdict.REJECT, note="Wrong.", criteria=marks)
    undo_verdict(person=studio.expert, seat_id=seat.pk)
    seat.refresh_from_db()
    assert seat.state == SeatState.HELD
    assert seat.draft["note"] == "Wrong."
    assert seat.draft["criteria"] == marks
    assert not Review.objects.exists()


def test_undo_comes_too_late(studio, task):
    submitted(task, studio.writer, TEXT)
    seat = given(studio.expert)
    settle_own(studio.expert)
    with pytest.raises(UndoTooLate):
        undo_verdict(person=studio.expert, seat_id=seat.pk)
    with pytest.raises(NotYourSeat):
        undo_verdict(person=studio.format, seat_id=seat.pk)


def test_without_undo_time_it_is_recorded_at_once(studio, task):
    with_settings(studio, undo_seconds=0)
    submitted(task, studio.writer, TEXT)
    given(studio.expert)
    assert state_of(task) == TaskState.FORMAT_REVIEW


def test_a_credential_revoked_in_the_meantime_gives_the_words_back(studio, task):
    submitted(task, studio.writer, TEXT)
    seat = given(studio.expert, note="Fine.")
    Credential.objects.filter(person=studio.expert).update(state="revoked")
    Seat.objects.filter(pk=seat.pk).update(settles_at=timezone.now())
    assert settle_due() == 0
    seat.refresh_from_db()
    assert seat.state == SeatState.HELD
    assert seat.draft["note"] == "Fine."
    assert "credential" in seat.draft["refused"]


# Refusals


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


def second_account(studio):
    """An expert's account with the writer's own register number."""
    other = person_with(studio.project, Role.EXPERT, domain=studio.domain)
    Credential.objects.filter(person__in=[studio.writer, other]).update(number_digest="a" * 64)
    return other


def test_the_author_under_a_second_account_is_given_nothing_of_theirs(studio, task):
    submitted(task, studio.writer, TEXT)
    other = second_account(studio)
    with pytest.raises(NothingToReview):
        take_next_review(person=other)
    with pytest.raises(AuthorUnderAnotherName):
        take_free_seat(person=other, seat_id=Seat.objects.get().pk)
    assert take_next_review(person=studio.expert).task_id == task.pk


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


# Leases


def lapsed(seat):
    Seat.objects.filter(pk=seat.pk).update(leased_until=timezone.now() - timedelta(seconds=1))
    assert lapse_seats() == 1


def test_a_lapsed_review_is_free_and_its_words_are_not_shown_to_others(studio, task):
    submitted(task, studio.writer, TEXT)
    seat = take_next_review(person=studio.expert)
    keep_draft(person=studio.expert, seat_id=seat.pk, judgement=Judgement(note="Half a thought"))
    lapsed(seat)
    with pytest.raises(SeatLost):
        keep_draft(
            person=studio.expert, seat_id=seat.pk, judgement=Judgement(note="A whole thought")
        )
    other = person_with(studio.project, Role.EXPERT, domain=studio.domain)
    assert take_next_review(person=other).draft == {}
    lapsed(seat)
    assert take_next_review(person=studio.expert).draft["note"] == "A whole thought"


def test_a_returned_review_waits_for_the_same_person(studio, task):
    submitted(task, studio.writer, TEXT)
    judged(studio.expert, Verdict.REQUEST_CHANGES)
    write(take_next(person=studio.writer), TEXT + "More.")
    submit_revision(person=studio.writer, task_id=task.pk)
    seat = take_next_review(person=studio.expert)
    lapsed(seat)
    seat.refresh_from_db()
    assert seat.state == SeatState.RESERVED
    assert take_seat(person=studio.expert, seat_id=seat.pk).state == SeatState.HELD


def test_recusal_frees_the_seat_for_somebody_else(studio, task):
    submitted(task, studio.writer, TEXT)
    judged(studio.expert, Verdict.RECUSE)
    with pytest.raises(NothingToReview):
        take_next_review(person=studio.expert)
    other = person_with(studio.project, Role.EXPERT, domain=studio.domain)
    assert take_next_review(person=other).task_id == task.pk


def test_putting_aside_takes_another(studio, make_task):
    first, second = make_task(), make_task()
    submitted(first, studio.writer, TEXT)
    seat = take_next_review(person=studio.expert)
    with pytest.raises(NothingToReview):
        take_next_review(person=studio.expert, after=seat.pk)
    submitted(second, studio.writer, another_text(2))
    assert take_next_review(person=studio.expert, after=seat.pk).task_id == second.pk


# Several seats, further stages


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


# Comments and repairs


def commented(studio, task, **fields):
    seat = take_next_review(person=studio.expert)
    return seat, add_comment(person=studio.expert, seat_id=seat.pk, **fields)


def test_a_comment_keeps_its_passage_and_says_when_it_is_gone(studio, task):
    revision = submitted(task, studio.writer, TEXT)
    _, comment = commented(studio, task, body="Which weight?", quote="500 mg every six")
    thread = threads_of(task, text="Please: " + revision.text, viewer=studio.writer)[0]
    assert thread.place.start == comment.anchor["start"] + len("Please: ")
    assert thread.top.who == "Expert review"
    assert threads_of(task, text="Quite another text.", viewer=studio.writer)[0].is_gone


def test_a_comment_on_what_is_not_there_gives_the_words_back(studio, task):
    submitted(task, studio.writer, TEXT)
    with pytest.raises(PassageGone) as refusal:
        commented(studio, task, body="My words", quote="never written")
    assert refusal.value.kept_text == "My words"
    with pytest.raises(Invalid):
        commented(studio, task, body="  ")


def test_threads_are_answered_and_settled_by_those_concerned(studio, task):
    submitted(task, studio.writer, TEXT)
    _, comment = commented(studio, task, body="Why?")
    answer_comment(person=studio.writer, comment_id=comment.pk, body="Because.")
    with pytest.raises(NotAllowed):
        answer_comment(person=studio.format, comment_id=comment.pk, body="And I say")
    settle_comment(person=studio.writer, comment_id=comment.pk, settled=True)
    assert not threads_of(task, text=TEXT, viewer=studio.expert)[0].is_open
    settle_comment(person=studio.expert, comment_id=comment.pk, settled=False)
    thread = threads_of(task, text=TEXT, viewer=studio.expert)[0]
    assert [line.who for line in thread.answers] == ["The author"]
    assert threads_of(task, text=TEXT, viewer=studio.format) == []


def test_a_suggested_edit_is_answered_by_the_author_alone(studio, task):
    submitted(task, studio.writer, TEXT)
    _, comment = commented(
        studio, task, body="", quote="Ask first", suggestion="Ask a doctor first"
    )
    with pytest.raises(NotAllowed):
        answer_suggestion(person=studio.expert, comment_id=comment.pk, answer=Answer.ACCEPTED)
    answer_suggestion(person=studio.writer, comment_id=comment.pk, answer=Answer.ACCEPTED)
    kept = Comment.objects.get()
    assert (kept.answer, kept.resolved_by) == (Answer.ACCEPTED, studio.writer)
    assert Event.objects.filter(verb="review.suggestion_accepted").exists()


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


# Bulk


def test_bulk_pass_keeps_a_sample_back(studio, make_task):
    with_settings(studio, undo_seconds=0, bulk_sample=0.5)
    for number in range(6):
        submitted(make_task(), studio.writer, another_text(number))
        judged(studio.expert)
    seats = list(Seat.objects.filter(stage="format").values_list("pk", flat=True))
    outcome = bulk_pass(person=studio.format, seat_ids=seats)
    assert sorted(outcome.passed + outcome.drawn) == sorted(seats)
    assert Review.objects.filter(stage="format", bulk=True).count() == len(outcome.passed)
    held = Seat.objects.filter(reviewer=studio.format, state=SeatState.HELD)
    assert held.count() == len(outcome.drawn)


def test_bulk_pass_refuses_what_is_not_green_or_not_free(studio, task):
    revision = submitted(task, studio.writer, TEXT)
    judged(studio.expert)
    revision.findings.create(
        check_id="length", check_version="1", severity="warning", message="Long"
    )
    seat = Seat.objects.get(stage="format")
    outcome = bulk_pass(person=studio.format, seat_ids=[seat.pk])
    assert not outcome.passed
    assert outcome.refused


def test_taking_by_choice_holds_the_same_rules(studio, task):
    submitted(task, studio.writer, TEXT)
    seat = Seat.objects.get()
    for person in (studio.writer, studio.format):
        with pytest.raises(DomainError):
            take_free_seat(person=person, seat_id=seat.pk)
    assert take_free_seat(person=studio.expert, seat_id=seat.pk).reviewer == studio.expert
    with pytest.raises(NothingToReview):
        take_free_seat(
            person=person_with(studio.project, Role.EXPERT, domain=studio.domain), seat_id=seat.pk
        )


# Calibration


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
