"""An archived project: nothing new begins in it, what is in hand ends, nothing is lost, and it comes back."""

import io
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from annotation.enums import AssignmentState, TaskState
from annotation.errors import NothingToTake, ReasonMissing
from annotation.models import ImportRun
from annotation.services.archive_project import archive_project, take_back_project
from annotation.services.ask_again import ask_somebody_else
from annotation.services.change_format import change_format
from annotation.services.claim import resume, take, take_next
from annotation.services.edit_project import edit_project
from annotation.services.import_runs import start_import, upload_file
from annotation.services.release import skip_task
from annotation.services.save_draft import save_draft
from annotation.services.submit import submit_revision
from annotation.writing_log import Edit
from audit.models import Event
from experts.enums import ExerciseKind, Role
from experts.errors import AlreadyDone, ProjectArchived
from experts.models import Exercise, Notification
from experts.queries import people_seen_by, projects_held_by, projects_of
from experts.services import exercises
from experts.services.invitations import invite
from exports.forms import DatasetForm
from lib.errors import NotAllowed
from review.enums import SeatState, Verdict
from review.errors import NothingToReview
from review.models import Seat
from review.queries import filters_in, ready_for, waiting_for, with_person
from review.services.calibrate import add_calibration_item
from review.services.claim_seat import take_free_seat, take_next_review, take_seat
from review.services.submit_review import submit_review
from tests.factories.annotation import InstructionFactory, TaskFactory, submitted, write
from tests.factories.experts import ProjectFactory, UserFactory, person_with
from tests.factories.review import judged

WHY = "The client has what they asked for."


@pytest.fixture
def make(studio):
    def make_task():
        instruction = InstructionFactory(project=studio.project, domain=studio.domain)
        return TaskFactory(instruction=instruction)

    return make_task


def archive(studio):
    studio.project = archive_project(project=studio.project, actor=studio.lead, reason=WHY)
    return studio.project


def take_back(studio):
    studio.project = take_back_project(project=studio.project, actor=studio.lead)


def upload():
    file = io.BytesIO(b'{"instruction": "How is asthma treated?"}\n')
    file.name, file.size = "more.jsonl", len(file.getvalue())
    return file


@pytest.mark.parametrize("role", ["writer", "expert", "format"])
def test_only_leads_and_administrators_archive(studio, client, role):
    with pytest.raises(NotAllowed):
        archive_project(project=studio.project, actor=getattr(studio, role), reason=WHY)
    elsewhere = person_with(ProjectFactory(), Role.LEAD)
    with pytest.raises(NotAllowed):
        archive_project(project=studio.project, actor=elsewhere, reason=WHY)
    client.force_login(elsewhere)
    address = reverse("projects:project-archive", args=[studio.project.slug])
    assert client.get(address).status_code == 403
    assert client.post(address, {"reason": WHY}).status_code == 403
    administrator = UserFactory(is_superuser=True)
    assert archive_project(project=studio.project, actor=administrator, reason=WHY).archived_at
    with pytest.raises(NotAllowed):
        take_back_project(project=studio.project, actor=getattr(studio, role))


def test_archiving_needs_a_reason_and_happens_once(studio):
    with pytest.raises(ReasonMissing):
        archive_project(project=studio.project, actor=studio.lead, reason="  ")
    archive(studio)
    with pytest.raises(AlreadyDone):
        archive(studio)
    take_back(studio)
    with pytest.raises(AlreadyDone):
        take_back(studio)


def test_the_database_keeps_moment_and_reason_together(studio):
    for half in ({"archived_at": timezone.now()}, {"archived_reason": WHY}):
        with pytest.raises(IntegrityError), transaction.atomic():
            type(studio.project).objects.filter(pk=studio.project.pk).update(**half)


def test_both_ways_are_on_record_and_members_are_told_once(studio, make):
    make()
    archive(studio)
    take_back(studio)
    archived, back = Event.objects.filter(verb__startswith="annotation.project_").order_by("id")
    assert (archived.verb, back.verb) == (
        "annotation.project_archived",
        "annotation.project_taken_back",
    )
    assert archived.data["reason"] == back.data["reason"] == WHY
    assert archived.data["unfinished"] == {"open": 1}
    told = Notification.objects.filter(person=studio.writer).order_by("id")
    assert [WHY in one.body for one in told] == [True, False]
    assert not Notification.objects.filter(person=studio.lead).exists()


def test_no_task_is_taken(studio, make):
    task = make()
    archive(studio)
    with pytest.raises(NothingToTake, match="is archived"):
        take_next(person=studio.writer)
    with pytest.raises(ProjectArchived):
        take(person=studio.writer, task_id=task.pk)
    take_back(studio)
    assert take_next(person=studio.writer).task == task


def test_what_is_being_written_is_saved_and_handed_in(studio, make):
    task = make()
    take(person=studio.writer, task_id=task.pk)
    archive(studio)
    saved = save_draft(
        person=studio.writer,
        task_id=task.pk,
        sequence=1,
        session=uuid4(),
        edits=[Edit("response", 3, 2, "typed", [[0, "A careful answer."]])],
    )
    assert saved.held
    assert take_next(person=studio.writer).task == task
    submit_revision(person=studio.writer, task_id=task.pk)
    task.refresh_from_db()
    assert task.state == TaskState.EXPERT_REVIEW
    with pytest.raises(NothingToReview):
        take_next_review(person=studio.expert)
    take_back(studio)
    assert take_next_review(person=studio.expert).task == task


def test_what_is_being_written_is_given_back_with_its_draft(studio, make):
    task = make()
    assignment = write(take(person=studio.writer, task_id=task.pk))
    archive(studio)
    skip_task(person=studio.writer, task_id=task.pk, reason="no_time")
    assignment.refresh_from_db()
    assert (assignment.state, assignment.fields["response"]) == (
        AssignmentState.SKIPPED,
        "A careful answer.",
    )


def test_a_review_in_hand_is_given_and_no_other_begins(studio, make):
    for task in (make(), make()):
        submitted(task, studio.writer)
    held = take_next_review(person=studio.expert)
    free = Seat.objects.get(state=SeatState.OPEN)
    archive(studio)
    assert [each.count for each in waiting_for(studio.expert)] == []
    submit_review(
        person=studio.expert,
        seat_id=held.pk,
        revision_id=held.revision_id,
        verdict=Verdict.APPROVE,
        note="",
    )
    held.task.refresh_from_db()
    assert held.task.state == TaskState.FORMAT_REVIEW
    with pytest.raises(NothingToReview):
        take_next_review(person=studio.expert)
    with pytest.raises(ProjectArchived):
        take_free_seat(person=studio.expert, seat_id=free.pk)
    assert ready_for(studio.format, filters_in({})) == []


def test_returned_work_and_second_rounds_wait(studio, make):
    task = make()
    submitted(task, studio.writer)
    judged(studio.expert, Verdict.REQUEST_CHANGES)
    archive(studio)
    with pytest.raises(ProjectArchived):
        resume(person=studio.writer, task_id=task.pk)
    with pytest.raises(NothingToTake):
        take_next(person=studio.writer)
    take_back(studio)
    write(take_next(person=studio.writer), "A better answer.")
    submit_revision(person=studio.writer, task_id=task.pk)
    again = Seat.objects.get(task=task, state=SeatState.RESERVED)
    archive(studio)
    assert with_person(studio.expert) == []
    with pytest.raises(NothingToReview):
        take_next_review(person=studio.expert)
    with pytest.raises(ProjectArchived):
        take_seat(person=studio.expert, seat_id=again.pk)
    take_back(studio)
    assert take_next_review(person=studio.expert).pk == again.pk


def test_nothing_is_brought_in_or_changed(studio, make):
    task = make()
    run = ImportRun.objects.create(
        project=studio.project, name="a.jsonl", size=1, created_by=studio.lead
    )
    exercise = Exercise.objects.create(
        project=studio.project, kind=ExerciseKind.PRACTICE, title="Practice", prompt="Write."
    )
    archive(studio)
    for refused in (
        lambda: upload_file(project=studio.project, upload=upload(), actor=studio.lead),
        lambda: start_import(run_id=run.pk, actor=studio.lead),
        lambda: edit_project(project=studio.project, actor=studio.lead, summary="Other"),
        lambda: change_format(project=studio.project, actor=studio.lead, format_spec={}, seen=1),
        lambda: ask_somebody_else(actor=studio.lead, task_id=task.pk),
        lambda: invite(
            actor=studio.lead, email="new@example.org", project=studio.project, role=Role.WRITER
        ),
        lambda: exercises.begin_attempt(person=studio.writer, exercise=exercise),
        lambda: add_calibration_item(
            person=studio.lead, project=studio.project, stage="expert", domain=studio.domain,
            title="", content={}, flaws=[],
        ),
    ):  # fmt: skip
        with pytest.raises(ProjectArchived):
            refused()


def test_the_command_brings_nothing_in(studio, tmp_path):
    file = tmp_path / "more.jsonl"
    file.write_text('{"instruction": "How is asthma treated?", "domain": "medicine"}\n')
    archive(studio)
    with pytest.raises(CommandError, match="archived"):
        call_command("import_instructions", str(file), project=studio.project.slug)


def test_it_leaves_lists_and_is_found_under_archived(studio, client, make):
    make()
    archive(studio)
    assert not projects_of(studio.lead, Role.LEAD).exists()
    assert projects_held_by(studio.lead, Role.LEAD).get() == studio.project
    assert studio.writer in people_seen_by(studio.lead)
    client.force_login(studio.lead)
    name = studio.project.name
    running = client.get(reverse("projects:projects")).content.decode()
    assert f">{name}</a>" not in running
    assert "No project is at work" in running
    assert f">{name}</a>" in client.get(reverse("projects:projects") + "?show=archived").content.decode()  # fmt: skip


def test_its_pages_say_so_and_offer_nothing_new(studio, client, make):
    task = make()
    archive(studio)
    client.force_login(studio.lead)
    slug = studio.project.slug
    for page, more in (
        ("project", []), ("tasks", []), ("task", [task.pk]), ("instructions", []),
        ("instruction", [task.instruction_id]), ("imports", []), ("format", []),
    ):  # fmt: skip
        found = client.get(reverse(f"projects:{page}", args=[slug, *more]))
        assert WHY in found.content.decode(), page
    page = client.get(reverse("projects:project", args=[slug])).content.decode()
    assert reverse("projects:project-take-back", args=[slug]) in page
    assert reverse("projects:project-edit", args=[slug]) not in page
    for closed, more in (
        ("project-edit", []), ("project-archive", []), ("instruction-new", []),
        ("instruction-correct", [task.instruction_id]),
    ):  # fmt: skip
        assert client.get(reverse(f"projects:{closed}", args=[slug, *more])).status_code == 409
    assert client.get(reverse("review:project", args=[slug])).status_code == 409
    client.post(reverse("projects:project-take-back", args=[slug]))
    studio.project.refresh_from_db()
    assert studio.project.archived_at is None


def test_an_observer_reads_on_and_cannot_take_back(studio, client):
    observer = person_with(studio.project, Role.OBSERVER)
    archive(studio)
    client.force_login(observer)
    page = client.get(reverse("projects:project", args=[studio.project.slug])).content.decode()
    assert WHY in page
    assert "Take back" not in page
    address = reverse("projects:project-take-back", args=[studio.project.slug])
    assert client.post(address).status_code == 403


def test_the_writer_is_told_on_every_page_of_their_work(studio, client, make):
    live, returned = make(), make()
    submitted(returned, studio.writer)
    judged(studio.expert, Verdict.REQUEST_CHANGES)
    take(person=studio.writer, task_id=live.pk)
    archive(studio)
    client.force_login(studio.writer)
    home = client.get(reverse("write:home")).content.decode()
    assert "This waits: the project is archived" in home
    assert "Go on with it" not in home
    assert "This project was archived" in client.get(reverse("write:task", args=[live.pk])).content.decode()  # fmt: skip


def test_programs_find_it_when_they_ask_and_bring_nothing_in(studio, client):
    archive(studio)
    client.force_login(studio.lead)
    assert client.get(reverse("api-projects")).json()["results"] == []
    (row,) = client.get(reverse("api-projects"), {"archived": "true"}).json()["results"]
    assert (row["slug"], row["archived_reason"]) == (studio.project.slug, WHY)
    sent = client.post(reverse("api-imports", args=[studio.project.slug]), {"file": upload()})
    assert (sent.status_code, sent.json()["code"]) == (409, "project_archived")


def test_it_may_be_chosen_for_a_new_dataset_and_is_named_as_archived(studio):
    archive(studio)
    labels = [label for _, label in DatasetForm().fields["projects"].choices]
    assert f"{studio.project} (archived)" in labels
