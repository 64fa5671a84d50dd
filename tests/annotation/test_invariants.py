"""What the database refuses, whoever asks: each rule is attacked by raw SQL and through the ORM."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from annotation.enums import AssignmentState, TaskState
from annotation.models import Assignment, Revision, Task
from annotation.services.claim import take
from annotation.services.submit import submit_revision
from annotation.workflow import TASK
from lib.errors import IllegalMove
from review.models import Review, Seat
from tests.factories.annotation import InstructionFactory, TaskFactory, submitted, write
from tests.factories.experts import CredentialFactory, UserFactory, person_with
from tests.factories.review import judged


def refused(sql, parameters=()):
    """Run `sql`, which must be refused, and return the name of the constraint that refused it."""
    with (
        pytest.raises(IntegrityError) as refusal,
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql, parameters)
    return refusal.value.__cause__.diag.constraint_name


def constraint_of(refusal):
    return refusal.value.__cause__.diag.constraint_name


@pytest.fixture
def task(studio):
    return TaskFactory(instruction=InstructionFactory(project=studio.project, domain=studio.domain))


@pytest.fixture
def approved(studio, task):
    submitted(task, studio.writer)
    judged(studio.expert)
    judged(studio.format)
    task.refresh_from_db()
    return task


# Legal moves only ---------------------------------------------------------------------------------


def test_every_pair_of_states_that_is_no_move_is_refused_by_the_database(studio, task):
    """All 9 x 9 pairs: the trigger allows exactly the table's edges and staying put."""
    submitted(task, studio.writer)
    edges = set(TASK.edges())
    for source in TaskState.values:
        for target in TaskState.values:
            if source == target or (source, target) in edges:
                continue
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SET LOCAL session_replication_role = replica")
                cursor.execute(
                    "UPDATE annotation_task SET state = %s, author_id = %s WHERE id = %s",
                    [source, None if source == TaskState.OPEN else studio.writer.pk, task.pk],
                )
                cursor.execute("SET LOCAL session_replication_role = origin")
                assert (
                    refused(
                        "UPDATE annotation_task SET state = %s WHERE id = %s", [target, task.pk]
                    )
                    == "task_legal_moves"
                ), f"{source} → {target}"
                transaction.set_rollback(True)


def test_a_task_starts_open(studio, task):
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        TaskFactory(
            instruction=InstructionFactory(project=studio.project, domain=studio.domain),
            state=TaskState.WRITING,
            author=studio.writer,
        )
    assert constraint_of(refusal) == "task_legal_moves"


def test_the_service_refuses_what_the_table_does_not_allow(studio, task):
    for state in TaskState.values:
        allowed = {move.verb for move in TASK.moves_from(state)}
        for verb in {move.verb for move in TASK.moves} - allowed:
            with pytest.raises(IllegalMove):
                TASK.check(state, verb)


# What is written down stays -----------------------------------------------------------------------

APPEND_ONLY = [
    "annotation_projectversion",
    "annotation_instruction",
    "annotation_revision",
    "annotation_logbatch",
    "annotation_finding",
    "review_review",
    "audit_event",
]


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_append_only_rows_refuse_update_delete_and_truncate(approved, studio, table):
    with connection.cursor() as cursor:
        # TRUNCATE waits for deferred foreign keys; settle them, so that only the trigger can refuse.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        if table == "annotation_finding":
            cursor.execute(
                "INSERT INTO annotation_finding (revision_id, check_id, check_version, severity, message,"
                ' advice, "where", data, reason, created_at)'
                " VALUES (%s, 'length', '1', 'info', '', '', '{}', '{}', '', now())",
                [approved.current_revision_id],
            )
        if table == "annotation_logbatch":
            cursor.execute(
                "INSERT INTO annotation_logbatch (assignment_id, sequence, session, payload, chain, received_at)"
                " VALUES (%s, 1, gen_random_uuid(), '', '', now())",
                [Assignment.objects.get(task=approved).pk],
            )
    assert refused(f"UPDATE {table} SET id = id") == f"{table}_append_only"
    assert refused(f"DELETE FROM {table}") == f"{table}_append_only"
    assert refused(f"TRUNCATE {table} CASCADE").endswith("_append_only")


def test_an_approved_task_never_changes(approved):
    assert (
        refused("UPDATE annotation_task SET priority = 9 WHERE id = %s", [approved.pk])
        == "task_approved_is_frozen"
    )
    assert refused("DELETE FROM annotation_task WHERE id = %s", [approved.pk]) == "task_no_delete"


# Three people -------------------------------------------------------------------------------------


def test_the_author_cannot_be_put_into_a_seat(studio, task):
    submitted(task, studio.writer)
    assert refused(
        "UPDATE review_seat SET reviewer_id = %s, state = 'held' WHERE task_id = %s",
        [studio.writer.pk, task.pk],
    ) in {"seat_author_is_no_reviewer", "seat_reviewer_is_not_author"}


def test_somebody_who_drafted_the_task_before_cannot_review_it(studio, task):
    other = person_with(studio.project, "writer", "expert", domain=studio.domain)
    first = write(take(person=other, task_id=task.pk))
    Assignment.objects.filter(pk=first.pk).update(
        leased_until=timezone.now() - timedelta(minutes=1)
    )
    from annotation.services.release import lapse_leases

    assert lapse_leases() == 1
    submitted(task, studio.writer)
    assert (
        refused(
            "UPDATE review_seat SET reviewer_id = %s, state = 'held' WHERE task_id = %s",
            [other.pk, task.pk],
        )
        == "seat_author_is_no_reviewer"
    )


def test_one_person_cannot_hold_two_seats_of_a_task(studio, task):
    submitted(task, studio.writer)
    judged(studio.expert)
    assert refused(
        "UPDATE review_seat SET reviewer_id = %s, state = 'held' WHERE task_id = %s AND stage = 'format'",
        [studio.expert.pk, task.pk],
    ) in {"seat_one_a_person_a_task", "seat_one_stage_a_person"}


def test_a_reviewer_cannot_become_a_writer_of_the_task(studio, task):
    submitted(task, studio.writer)
    judged(studio.expert)
    assert (
        refused(
            "INSERT INTO annotation_assignment (task_id, expert_id, project_version_id, state, leased_until,"
            " opened_at, skip_reason, skip_note, fields, extras, draft_version, log_sequence, log_head)"
            " VALUES (%s, %s, %s, 'lapsed', now(), now(), '', '', '{}', '{}', 0, 0, '')",
            [task.pk, studio.expert.pk, studio.version.pk],
        )
        == "assignment_reviewer_never_writes"
    )


def test_a_verdict_comes_only_from_the_person_in_the_seat(studio, task):
    revision = submitted(task, studio.writer)
    seat = Seat.objects.get(task=task)
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        Review.objects.create(
            seat=seat,
            task=task,
            revision=revision,
            stage="expert",
            reviewer=studio.expert,
            project_version=studio.version,
            verdict="approve",
        )
    assert constraint_of(refusal) == "review_sits_there"


def test_one_verdict_a_seat(studio, task):
    submitted(task, studio.writer)
    review = judged(studio.expert)
    review.pk = None
    review._state.adding = True
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        review.save()
    assert constraint_of(refusal) == "review_one_a_seat"


# Both experts held a valid credential at that moment -----------------------------------------------


def spoil(person, **changes):
    """Make a person's credential bad behind the back of the triggers that keep it as it was verified."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        person.credentials.update(**changes)
        cursor.execute("SET LOCAL session_replication_role = origin")


BAD_CREDENTIALS = [
    {"state": "revoked"},
    {"state": "rejected"},
    {"expires_on": date(2020, 1, 1)},
]


@pytest.mark.parametrize("changes", BAD_CREDENTIALS)
def test_a_revision_needs_a_credential_valid_now(studio, task, changes):
    revision = submitted(task, studio.writer)
    spoil(studio.writer, **changes)
    revision.pk, revision.number = None, 2
    revision._state.adding = True
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        revision.save()
    assert constraint_of(refusal) == "revision_author_credential"


@pytest.mark.parametrize("changes", BAD_CREDENTIALS)
def test_an_expert_verdict_needs_a_credential_valid_now(studio, task, changes):
    revision = submitted(task, studio.writer)
    seat = Seat.objects.get(task=task)
    Seat.objects.filter(pk=seat.pk).update(reviewer=studio.expert, state="held")
    credential = studio.expert.credentials.get()
    spoil(studio.expert, **changes)
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        Review.objects.create(
            seat=seat,
            task=task,
            revision=revision,
            stage="expert",
            reviewer=studio.expert,
            credential=credential,
            project_version=studio.version,
            verdict="approve",
        )
    assert constraint_of(refusal) == "review_expert_credential"


def test_somebody_elses_credential_does_not_count(studio, task):
    revision = submitted(task, studio.writer)
    revision.pk, revision.number = None, 2
    revision.credential = CredentialFactory(domains=[studio.domain])
    revision._state.adding = True
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        revision.save()
    assert constraint_of(refusal) == "revision_author_credential"


# One live assignment, no more tasks than wanted ----------------------------------------------------


def test_one_live_assignment_a_task(studio, task):
    take(person=studio.writer, task_id=task.pk)
    other = UserFactory()
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        Assignment.objects.create(
            task=task,
            expert=other,
            project_version=studio.version,
            state=AssignmentState.LIVE,
            leased_until=timezone.now(),
        )
    assert constraint_of(refusal) == "assignment_one_live_a_task"


@pytest.mark.parametrize(
    ("slot", "constraint"), [(1, "task_slot_taken_once"), (2, "task_responses_wanted")]
)
def test_no_more_live_tasks_than_responses_wanted(task, slot, constraint):
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        TaskFactory(instruction=task.instruction, slot=slot)
    assert constraint_of(refusal) == constraint


def test_a_rejected_response_frees_its_slot(studio, task):
    submitted(task, studio.writer)
    judged(studio.expert, "reject")
    assert TaskFactory(instruction=task.instruction, slot=1).state == TaskState.OPEN


def test_review_states_need_author_and_revision(task):
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE annotation_task SET state = 'writing', author_id = %s WHERE id = %s",
            [UserFactory().pk, task.pk],
        )
    assert (
        refused("UPDATE annotation_task SET state = 'expert_review' WHERE id = %s", [task.pk])
        == "task_handed_in_has_revision"
    )


def test_approval_needs_two_verdicts_on_what_is_approved(studio, task):
    submitted(task, studio.writer)
    judged(studio.expert)
    assert (
        refused("UPDATE annotation_task SET state = 'approved' WHERE id = %s", [task.pk])
        == "task_approved_by_two"
    )


def test_erasure_is_the_one_named_way_to_update(studio, task):
    revision = submitted(task, studio.writer)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('firsthand.erasing', 'on', true)")
        cursor.execute("UPDATE annotation_revision SET note = '' WHERE id = %s", [revision.pk])
        cursor.execute("SELECT set_config('firsthand.erasing', 'off', true)")
    assert refused("UPDATE annotation_revision SET note = 'x'") == "annotation_revision_append_only"


def test_resubmission_counts_revisions(studio, task):
    submitted(task, studio.writer)
    judged(studio.expert, "request_changes")
    from annotation.services.claim import take_next

    write(take_next(person=studio.writer), "Another answer.")
    submit_revision(person=studio.writer, task_id=task.pk)
    assert list(Revision.objects.filter(task=task).values_list("number", flat=True)) == [1, 2]
    assert Task.objects.get(pk=task.pk).current_revision.number == 2
