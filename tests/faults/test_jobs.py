"""A job whose worker is killed runs again."""

import os
import signal
import subprocess
import sys
import time
import uuid

import pytest
from django.core.cache import cache

from config.celery import app, return_unfinished_jobs
from tests.faults.installation import ROOT

QUEUE = "faults"


def wait_for(key, value, seconds=60):
    deadline = time.monotonic() + seconds
    while cache.get(key) != value and time.monotonic() < deadline:
        time.sleep(0.05)
    return cache.get(key)


@pytest.fixture
def real_broker():
    """Send jobs instead of running them here, which the other tests do."""
    app.conf.task_always_eager = False
    yield
    app.conf.task_always_eager = True


@pytest.fixture
def worker(tmp_path):
    """Start workers that know the test job; none outlives the test."""
    started = []

    def start():
        with (tmp_path / "worker.log").open("ab") as log:
            command = [
                sys.executable, "-m", "celery", "--app", "config", "worker", "--include", "tests.faults.jobs",
                "--queues", QUEUE, "--concurrency", "1", "--without-mingle", "--without-gossip",
                "--hostname", f"faults-{uuid.uuid4()}@%h",
            ]  # fmt: skip
            process = subprocess.Popen(
                command,
                cwd=ROOT,
                env={**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings.test"},
                stdout=log,
                stderr=log,
                process_group=0,
            )
        started.append(process)
        return process

    yield start
    for process in started:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        process.wait()


def test_job_of_a_killed_worker_runs_again(worker, real_broker):
    mark = f"faults:{uuid.uuid4()}"
    app.send_task("tests.faults.slow", kwargs={"mark": mark}, queue=QUEUE)
    first = worker()
    assert wait_for(f"{mark}:started", 1) == 1
    os.killpg(first.pid, signal.SIGKILL)
    first.wait()
    return_unfinished_jobs()
    worker()
    assert wait_for(f"{mark}:finished", 1) == 1
    assert cache.get(f"{mark}:started") == 2
