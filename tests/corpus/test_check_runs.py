"""A run of checks over the backlog whose job fails, is lost or is killed."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from annotation.services import rerun_checks
from annotation.services.rerun_checks import advance_check_run, left_check_runs, start_check_run
from annotation.tasks import run_checks, take_up_check_runs
from audit.models import Event
from config.celery import app
from corpus.models import CheckRun
from experts.enums import Role
from tests.factories.annotation import InstructionFactory, TaskFactory, submitted
from tests.factories.experts import person_with

pytestmark = pytest.mark.django_db
UNKNOWN = ["a check that is no more"]


@pytest.fixture
def run(studio):
    """A run over three responses, in steps of one, whose job has not been sent yet."""
    for _ in range(3):
        asked = InstructionFactory(project=studio.project, domain=studio.domain)
        submitted(TaskFactory(instruction=asked), studio.writer)
    return start_check_run(
        project=studio.project, actor=studio.lead, checks=["length"], format_spec={}
    )


@pytest.fixture
def steps_of_one(monkeypatch):
    monkeypatch.setattr(rerun_checks, "CHUNK", 1)


@pytest.fixture
def patient():
    """Jobs that run here are repeated after a failure, as a worker does."""
    before = app.conf.task_eager_propagates
    app.conf.task_eager_propagates = False
    yield
    app.conf.task_eager_propagates = before


def broken(run):
    """The same run with a check that nobody has: each job fails at once."""
    CheckRun.objects.filter(pk=run.pk).update(checks=UNKNOWN)


def mended(run):
    CheckRun.objects.filter(pk=run.pk).update(checks=["length"])


def test_a_job_that_fails_at_one_place_again_and_again_stops_the_run(run, steps_of_one):
    assert advance_check_run(run_id=run.pk)
    broken(run)
    for _ in range(rerun_checks.TRIES):
        with pytest.raises(KeyError):
            advance_check_run(run_id=run.pk)
    assert not advance_check_run(run_id=run.pk)
    run.refresh_from_db()
    assert (run.state, run.done) == (CheckRun.FAILED, 1)
    assert run.finished_at
    stopped = Event.objects.get(verb="annotation.checks_stopped")
    assert (stopped.data["done"], stopped.data["total"]) == (1, 3)
    assert not advance_check_run(run_id=run.pk)


def test_getting_on_forgets_the_tries(run, steps_of_one):
    broken(run)
    with pytest.raises(KeyError):
        advance_check_run(run_id=run.pk)
    mended(run)
    assert advance_check_run(run_id=run.pk)
    run.refresh_from_db()
    assert (run.state, run.tries, run.done) == (CheckRun.RUNNING, 0, 1)


def test_the_job_tries_as_often_as_the_run_has_tries(run, patient):
    """The worker repeats a failed job by itself, and the last time finds that no try is left."""
    broken(run)
    run_checks.apply(kwargs={"run_id": run.pk})
    run.refresh_from_db()
    assert (run.state, run.tries) == (CheckRun.FAILED, rerun_checks.TRIES)


def test_a_stopped_run_says_so_and_goes_on_from_there(
    run, studio, client, steps_of_one, patient, django_capture_on_commit_callbacks
):
    advance_check_run(run_id=run.pk)
    broken(run)
    run_checks.apply(kwargs={"run_id": run.pk})
    mended(run)
    address = reverse("projects:check-run", args=[studio.project.slug, run.pk])
    again = reverse("projects:check-run-again", args=[studio.project.slug, run.pk])
    client.force_login(studio.lead)
    page = client.get(address).text
    assert "The run has stopped" in page
    assert "after 1 of 3 responses" in page
    assert "hx-trigger" not in page
    assert "3, stopped" in client.get(reverse("projects:checks", args=[studio.project.slug])).text
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(again).url == address
    run.refresh_from_db()
    assert (run.state, run.done, run.tries) == (CheckRun.DONE, 3, 0)
    assert "The run has stopped" not in client.get(address).text
    assert Event.objects.filter(verb="annotation.checks_started_again").count() == 1
    # What is done is left alone.
    client.post(again)
    assert Event.objects.filter(verb="annotation.checks_started_again").count() == 1


def test_only_a_lead_of_the_project_starts_it_again(run, studio, client):
    CheckRun.objects.filter(pk=run.pk).update(state=CheckRun.FAILED)
    again = reverse("projects:check-run-again", args=[studio.project.slug, run.pk])
    client.force_login(studio.expert)
    assert client.post(again).status_code == 403
    elsewhere = person_with(TaskFactory().project, Role.LEAD)
    client.force_login(elsewhere)
    assert client.post(again).status_code in {403, 404}
    run.refresh_from_db()
    assert run.state == CheckRun.FAILED


def test_a_run_whose_job_was_lost_is_sent_again_by_the_clock(
    run, django_capture_on_commit_callbacks
):
    assert left_check_runs() == []
    CheckRun.objects.filter(pk=run.pk).update(moved_at=timezone.now() - timedelta(hours=1))
    assert left_check_runs() == [run.pk]
    with django_capture_on_commit_callbacks(execute=True):
        take_up_check_runs()
    run.refresh_from_db()
    assert (run.state, run.done) == (CheckRun.DONE, 3)
    CheckRun.objects.filter(pk=run.pk).update(moved_at=timezone.now() - timedelta(hours=1))
    assert left_check_runs() == []
