"""Real Celery worker processes on the database that this process uses at the moment."""

import os
import signal
import subprocess
import sys
import time
import uuid
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from django.conf import settings
from django.db import connection

from config.celery import app

ROOT = Path(__file__).resolve().parents[2]


def database_url():
    """The address of the database that this process is connected to, test databases included."""
    told = connection.settings_dict
    secret = f":{quote(told['PASSWORD'])}" if told["PASSWORD"] else ""
    host, port = told["HOST"], f":{told['PORT']}" if told["PORT"] else ""
    if host.startswith("/"):
        return f"postgres://{quote(told['USER'])}{secret}@{quote(host, safe='')}/{told['NAME']}"
    return f"postgres://{quote(told['USER'])}{secret}@{host}{port}/{told['NAME']}"


def environment(**more):
    return {
        **os.environ,
        "DATABASE_URL": database_url(),
        "DJANGO_SETTINGS_MODULE": "config.settings.test",
        "FIRSTHAND_VAR": str(settings.VAR_DIR),
        **more,
    }


def start(queue, log, **more):
    """One worker that takes one job at a time from `queue`, in a process group of its own."""
    command = [
        sys.executable, "-m", "celery", "--app", "config", "worker", "--queues", queue, "--concurrency", "1",
        "--without-mingle", "--without-gossip", "--hostname", f"{queue}-{uuid.uuid4()}@%h",
    ]  # fmt: skip
    with Path(log).open("ab") as output:
        return subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment(**more),
            stdout=output,
            stderr=output,
            process_group=0,
        )


def listening(queue):
    """How many workers on `queue` answer."""
    answers = app.control.ping(timeout=0.5)
    return sum(name.startswith(f"{queue}-") for answer in answers for name in answer)


def kill(process):
    """End a worker and its child at once, as a machine that loses power would."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()


@contextmanager
def real_broker(queue):
    """Send jobs to `queue` instead of running them here."""
    before = app.conf.task_default_queue
    app.conf.update(task_always_eager=False, task_default_queue=queue)
    try:
        yield
    finally:
        app.conf.update(task_always_eager=True, task_default_queue=before)


def wait_until(holds, seconds=90):
    """Whether `holds()` came true in time."""
    deadline = time.monotonic() + seconds
    while not (found := holds()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return found
