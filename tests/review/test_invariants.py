"""What the database refuses, whoever asks: raw SQL, services, many connections at once."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import IntegrityError, connection, connections, transaction
from django.utils import timezone

from annotation.enums import TaskState
from experts.enums import Role
from experts.models import Credential
from lib.errors import DomainError
from review.enums import SeatState, Verdict
from review.errors import NothingToReview
from review.judgement import Judgement
from review.models import Comment, Review, Seat
from review.services.bulk_pass import bulk_pass
from review.services.claim_seat import take_next_review
from review.services.comment import add_comment
from review.services.give_verdict import give_verdict, settle_due, undo_verdict
from review.services.submit_review import submit_review
from tests.factories.annotation import submitted
from tests.factories.experts import person_with
from tests.factories.review import judged
from tests.review.conftest import TEXT, another_text


def refused(sql, *values):
    """The name of the rule that refuses this statement."""
    with (
        pytest.raises(IntegrityError) as refusal,
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql, values)
    return refusal.value.__cause__.diag.constraint_name


@pytest.fixture
def seat(studio, task):
    submitted(task, studio.writer, TEXT)
    return take_next_review(person=studio.expert)


INSERT = """
INSERT INTO review_review (seat_id, task_id, revision_id, stage, number, reviewer_id, credential_id,
  project_version_id, verdict, criteria, note, quality_class, use, created_at, coverage, evidence_answer, rubric,
  category, bulk, round, sources)
SELECT seat.id, seat.task_id, seat.revision_id, %s, seat.number, %s, %s, revision.project_version_id, %s, '{}', %s, '',
  'train', now(), '{}', '', '', '', false, 1, '{}'
FROM review_seat seat JOIN annotation_revision revision ON revision.id = seat.revision_id WHERE seat.id = %s
"""


def insert(seat, person, *, stage="expert", verdict="approve", note="", credential=None):
    return (INSERT, stage, person.pk, credential, verdict, note, seat.pk)


@pytest.mark.django_db
class TestRawSql:
    def test_author_takes_no_seat(self, studio, task, seat):
        assert refused(
            "UPDATE review_seat SET reviewer_id = %s WHERE id = %s", studio.writer.pk, seat.pk
        ) in {
            "seat_reviewer_is_not_author",
            "seat_author_is_no_reviewer",
        }

    def test_author_gives_no_verdict(self, studio, seat):
        assert refused(*insert(seat, studio.writer)) == "review_sits_there"

    def test_nobody_decides_from_anothers_seat(self, studio, seat):
        other = person_with(studio.project, Role.EXPERT, domain=studio.domain)
        assert refused(*insert(seat, other)) == "review_sits_there"

    def test_no_verdict_in_another_stage_than_the_seats(self, studio, seat):
        assert refused(*insert(seat, studio.expert, stage="format")) == "review_sits_there"

    def test_expert_verdict_needs_a_valid_credential(self, studio, seat):
        assert refused(*insert(seat, studio.expert)) == "review_expert_credential"
        own = Credential.objects.get(person=studio.expert)
        other = Credential.objects.get(person=studio.writer)
        assert (
            refused(*insert(seat, studio.expert, credential=other.pk)) == "review_expert_credential"
        )
        Credential.objects.filter(pk=own.pk).update(state="revoked")
        assert (
            refused(*insert(seat, studio.expert, credential=own.pk)) == "review_expert_credential"
        )

    def test_verdicts_other_than_approval_have_words(self, studio, seat):
        own = Credential.objects.get(person=studio.expert)
        assert (
            refused(*insert(seat, studio.expert, verdict="reject", credential=own.pk))
            == "review_has_reason"
        )

    def test_one_verdict_a_seat(self, studio, seat):
        own = Credential.objects.get(person=studio.expert)
        with connection.cursor() as cursor:
            query, *values = insert(seat, studio.expert, credential=own.pk)
            cursor.execute(query, values)
        assert refused(*insert(seat, studio.expert, credential=own.pk)) == "review_one_a_seat"

    @pytest.mark.parametrize(
        "sql", ["UPDATE review_review SET note = 'x'", "DELETE FROM review_review"]
    )
    def test_verdicts_stay(self, studio, seat, sql):
        judged(studio.expert)
        assert refused(sql) == "review_review_append_only"

    def test_verdicts_are_not_emptied(self, studio, seat):
        judged(studio.expert)
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; TRUNCATE review_review CASCADE")

    def test_one_person_sits_in_one_stage(self, studio, seat):
        judged(studio.expert)
        other = Seat.objects.get(stage="format")
        assert refused(
            "UPDATE review_seat SET reviewer_id = %s WHERE id = %s", studio.expert.pk, other.pk
        ) in {
            "seat_one_a_person_a_task",
            "seat_one_stage_a_person",
        }

    def test_a_reviewer_never_writes_the_task(self, studio, seat):
        judged(studio.expert)
        query = "UPDATE annotation_assignment SET expert_id = %s WHERE task_id = %s"
        assert refused(query, studio.expert.pk, seat.task_id) == "assignment_reviewer_never_writes"

    def test_pending_has_its_end(self, studio, seat):
        assert (
            refused("UPDATE review_seat SET state = 'pending' WHERE id = %s", seat.pk)
            == "seat_pending_settles"
        )

    def test_what_a_comment_says_stays(self, studio, seat):
        add_comment(person=studio.expert, seat_id=seat.pk, body="Why?")
        assert refused("UPDATE review_comment SET body = 'x'") == "comment_said_is_said"
        assert refused("DELETE FROM review_comment") == "comment_no_delete"
        assert Comment.objects.get().body == "Why?"

    def test_no_approval_without_two_others(self, studio, seat):
        judged(studio.expert)
        query = "UPDATE annotation_task SET state = 'approved' WHERE id = %s"
        assert refused(query, seat.task_id) == "task_approved_by_two"


def at_once(count, work):
    """Run `work(number)` on so many connections, all let go in the same moment; returns what came of each."""
    start = threading.Barrier(count)

    def run(number):
        try:
            start.wait(timeout=60)
            return work(number)
        except (DomainError, IntegrityError) as refusal:
            return refusal
        finally:
            connections.close_all()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


@pytest.mark.django_db(transaction=True)
class TestManyAtOnce:
    def test_sixteen_reviewers_get_sixteen_reviews(self, studio, make_task):
        for number in range(16):
            submitted(make_task(), studio.writer, another_text(number))
        people = [person_with(studio.project, Role.EXPERT, domain=studio.domain) for _ in range(16)]
        seats = at_once(16, lambda number: take_next_review(person=people[number]).pk)
        assert len(set(seats)) == 16
        assert Seat.objects.filter(state=SeatState.HELD).count() == 16

    def test_sixteen_reviewers_and_one_review(self, studio, task):
        submitted(task, studio.writer, TEXT)
        people = [person_with(studio.project, Role.EXPERT, domain=studio.domain) for _ in range(16)]
        outcome = at_once(16, lambda number: take_next_review(person=people[number]).pk)
        assert sum(isinstance(each, NothingToReview) for each in outcome) == 15

    def test_one_person_who_presses_many_times_has_one_review(self, studio, make_task):
        for number in range(4):
            submitted(make_task(), studio.writer, another_text(number))
        at_once(8, lambda number: take_next_review(person=studio.expert).pk)
        assert Seat.objects.filter(state=SeatState.HELD, reviewer=studio.expert).count() == 1

    def test_two_verdicts_at_once_are_one(self, studio, task):
        submitted(task, studio.writer, TEXT)
        seat = take_next_review(person=studio.expert)

        def decide(number):
            return submit_review(
                person=studio.expert,
                seat_id=seat.pk,
                revision_id=seat.revision_id,
                note="Words",
                verdict=Verdict.APPROVE if number % 2 else Verdict.REJECT,
            )

        outcome = at_once(8, decide)
        assert sum(isinstance(each, Review) for each in outcome) == 1
        assert Review.objects.count() == 1

    def test_undo_and_recording_at_once_agree_on_one(self, studio, task):
        submitted(task, studio.writer, TEXT)
        seat = take_next_review(person=studio.expert)
        give_verdict(
            person=studio.expert,
            seat_id=seat.pk,
            revision_id=seat.revision_id,
            verdict=Verdict.APPROVE,
            judgement=Judgement(),
        )
        Seat.objects.filter(pk=seat.pk).update(settles_at=timezone.now())
        at_once(
            8,
            lambda number: (
                settle_due() if number % 2 else undo_verdict(person=studio.expert, seat_id=seat.pk)
            ),
        )
        seat.refresh_from_db()
        task.refresh_from_db()
        recorded = Review.objects.count()
        assert (seat.state, task.state, recorded) in {
            (SeatState.HELD, TaskState.EXPERT_REVIEW, 0),
            (SeatState.DECIDED, TaskState.FORMAT_REVIEW, 1),
        }

    def test_the_format_reviewer_has_it_at_once_however_many_look(self, studio, task):
        submitted(task, studio.writer, TEXT)
        seat = take_next_review(person=studio.expert)
        give_verdict(
            person=studio.expert,
            seat_id=seat.pk,
            revision_id=seat.revision_id,
            verdict=Verdict.APPROVE,
            judgement=Judgement(),
        )
        people = [person_with(studio.project, Role.FORMAT) for _ in range(6)]
        outcome = at_once(6, lambda number: take_next_review(person=people[number]))
        assert sum(isinstance(each, Seat) for each in outcome) == 1
        assert Review.objects.count() == 1

    def test_bulk_passes_at_once_pass_each_once(self, studio, make_task):
        for number in range(4):
            submitted(make_task(), studio.writer, another_text(number))
            judged(studio.expert)
        seats = list(Seat.objects.filter(stage="format").values_list("pk", flat=True))
        people = [person_with(studio.project, Role.FORMAT) for _ in range(4)]
        at_once(4, lambda number: bulk_pass(person=people[number], seat_ids=seats))
        assert (
            Review.objects.filter(stage="format").values("revision").distinct().count()
            == Review.objects.filter(stage="format").count()
        )
        assert not Seat.objects.filter(stage="format", state=SeatState.OPEN).exists()
