"""A worker that is killed in the middle of a run of checks: the run goes on, and counts each response once."""

import os
import signal
import uuid

import pytest

from annotation.services.rerun_checks import start_check_run
from annotation.tasks import run_checks
from config.celery import return_unfinished_jobs
from corpus.models import CheckRun
from lib.jobs import enqueue_on_commit
from tests.bench.world import copy_rows
from tests.exports import workers
from tests.factories.annotation import InstructionFactory, TaskFactory, submitted

RESPONSES = 1_500


@pytest.fixture
def crew(tmp_path):
    """Start workers on a queue of their own; none outlives the test."""
    started = []
    queue = f"checking-{uuid.uuid4()}"
    with workers.real_broker(queue):

        def start():
            started.append(workers.start(queue, tmp_path / "log"))
            return started[-1]

        yield start
        for process in started:
            workers.kill(process)


@pytest.fixture
def many(studio):
    """A project with many responses that are too short."""
    task = TaskFactory(instruction=InstructionFactory(project=studio.project, domain=studio.domain))
    revision = submitted(task, studio.writer)
    number = "40000000 + n"
    copy_rows(
        type(task), task, RESPONSES - 1, first=40_000_000, key="gen_random_uuid()",
        current_revision_id=number, slot="2 + n",
    )  # fmt: skip
    copy_rows(type(revision), revision, RESPONSES - 1, first=40_000_000, task_id=number)
    return studio


@pytest.mark.django_db(transaction=True)
def test_a_killed_worker_costs_the_step_it_was_at(many, crew):
    first = crew()
    run = start_check_run(
        project=many.project,
        actor=many.lead,
        checks=["length"],
        format_spec={"length": {"words": {"min": 50}}},
    )
    rows = CheckRun.objects.filter(pk=run.pk)
    assert workers.wait_until(rows.filter(done__gt=0).exists)
    os.killpg(first.pid, signal.SIGKILL)
    first.wait()
    run.refresh_from_db()
    assert (run.state, run.done < RESPONSES) == (CheckRun.RUNNING, True)
    # The job of the dead worker comes back when its time is over; one lost for good is sent by the clock.
    return_unfinished_jobs()
    enqueue_on_commit(run_checks.name, run_id=run.pk)
    crew()
    assert workers.wait_until(rows.filter(state=CheckRun.DONE).exists)
    run.refresh_from_db()
    assert run.done == run.counts["length"]["appeared"] == RESPONSES
