"""Start everything and keep it up: what `make run` calls."""

import fcntl
import json
import os
import signal
import sys
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import BaseCommand, CommandError, call_command, get_commands
from django.db import connection

from config.celery import return_unfinished_jobs
from config.supervisor import ChildDied, Program, Supervisor
from lib.embedded import processes, provided
from lib.embedded.ports import LOOPBACK, is_taken

READY_SECONDS = 300
PATIENCE_SECONDS = 15
WATCH_SECONDS = 0.25
DEMO_PASSWORD = "firsthand-demo"  # noqa: S105  (printed for everyone to use)
DEMO_ACCOUNTS = {
    "writer@example.org": "writes responses",
    "expert@example.org": "reviews as the second expert",
    "format@example.org": "reviews format and coverage",
    "admin@example.org": "runs projects, builds releases",
}


class Command(BaseCommand):
    """PostgreSQL, Redis, migrations, web, worker, clock, demo; Ctrl-C stops all of it."""

    help = (
        "Start everything and keep it up: what `make run` calls. "
        "PostgreSQL, Redis, migrations, web, worker, clock, demo; Ctrl-C stops all of it."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=settings.PORT)
        parser.add_argument("--host", default=LOOPBACK)
        parser.add_argument("--workers", type=int, default=2, help="web processes")
        parser.add_argument("--no-demo", action="store_true", help="start with an empty database")
        parser.add_argument("--reload", action="store_true", help="restart when code changes")
        parser.add_argument(
            "--with-parent",
            action="store_true",
            help="stop when the process that started this one ends, even if it is killed",
        )

    def handle(self, **options: Any) -> None:
        if options["with_parent"]:
            processes.follow_parent()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.default_int_handler)
        supervisor = Supervisor(settings.VAR_DIR, settings.BASE_DIR, os.environ)
        try:
            with _only_one(settings.VAR_DIR):
                try:
                    self._run(supervisor, options)
                finally:
                    _leave_nothing(supervisor)
        except KeyboardInterrupt:
            self.stdout.write("Stopped.")
        except ChildDied as problem:
            raise CommandError(str(problem)) from None

    def _run(self, supervisor: Supervisor, options: dict[str, Any]) -> None:
        _require_servers()
        supervisor.end_leftovers()
        host, port = options["host"], options["port"]
        if is_taken(port, host):
            msg = f"Port {port} is taken by another program. Choose another one: make run PORT={port + 1}"
            raise CommandError(msg)
        if not (settings.BASE_DIR / "static" / "dist").is_dir():
            msg = "The pages' styles and scripts are not built. Run `make run`, or `make setup`."
            raise CommandError(msg)
        self.say("Preparing the database")
        call_command("migrate", interactive=False, verbosity=0)
        return_unfinished_jobs()
        self.say("Starting the web server, the worker and the clock")
        for program in _programs(options):
            supervisor.start(program)
        if not options["no_demo"]:
            self._load_demo(settings.VAR_DIR)
        connection.close()
        address = f"http://{host}:{port}/"
        self._wait_until_ready(supervisor, address)
        self._greet(address)
        self._watch(supervisor)

    def say(self, text: str) -> None:
        """Show progress at once, also through a pipe."""
        self.stdout.write(text)
        self.stdout.flush()

    def _load_demo(self, var_dir: Path) -> None:
        """Fill an empty database; a load that was cut short begins again."""
        unfinished = var_dir / "demo-unfinished"
        if not settings.DEMO or "load_demo" not in get_commands():
            return
        if get_user_model().objects.exists() and not unfinished.exists():
            return
        self.say("Loading the demo project (once)")
        unfinished.touch()
        call_command("load_demo", verbosity=0)
        unfinished.unlink()

    def _wait_until_ready(self, supervisor: Supervisor, address: str) -> None:
        """Wait for /readyz; on a busy machine say now and then what is still missing."""
        started = spoken = time.monotonic()
        while missing := _not_ready(address):
            supervisor.check()
            now = time.monotonic()
            if now - started > READY_SECONDS:
                msg = f"Not everything came up within {READY_SECONDS} seconds: {missing}"
                raise CommandError(msg)
            if now - spoken > PATIENCE_SECONDS:
                self.say(f"Still waiting: {missing}")
                spoken = now
            time.sleep(WATCH_SECONDS)

    def _greet(self, address: str) -> None:
        lines = [f"\nFirsthand is ready: {address}\n"]
        if get_user_model().objects.filter(email__in=DEMO_ACCOUNTS).exists():
            lines.append(f"Demo accounts, all with the password {DEMO_PASSWORD}:")
            lines += [f"  {email:<20} {purpose}" for email, purpose in DEMO_ACCOUNTS.items()]
        else:
            lines.append("First account: manage.py create_person E-MAIL --role admin")
        connection.close()
        self.say("\n".join([*lines, "\nCtrl-C stops everything."]))

    def _watch(self, supervisor: Supervisor) -> None:
        services = provided()
        while True:
            supervisor.check()
            if services and (dead := services.dead()):
                msg = (
                    f"{' and '.join(dead)} ended by itself; everything was stopped. "
                    "Start again: the data is kept."
                )
                raise CommandError(msg)
            time.sleep(WATCH_SECONDS)


def _programs(options: dict[str, Any]) -> list[Program]:
    host, port = options["host"], options["port"]
    python = [sys.executable, "-m"]
    web = [
        *python, "gunicorn", "config.wsgi:application",
        "--bind", f"{host}:{port}",
        "--worker-class", "gthread",
        "--workers", str(options["workers"]),
        "--threads", "8",
        "--timeout", "120",
        "--graceful-timeout", "5",
        "--no-control-socket",
        *(["--reload"] if options["reload"] else []),
    ]  # fmt: skip
    worker = [
        *python, "celery", "--app", "config", "worker",
        "--concurrency", "2", "--without-mingle", "--without-gossip", "--loglevel", "INFO",
    ]  # fmt: skip
    beat = [
        *python, "celery", "--app", "config", "beat",
        "--schedule", str(settings.VAR_DIR / "clock"), "--pidfile", "", "--loglevel", "INFO",
    ]  # fmt: skip
    shared = {"SITE_URL": os.environ.get("SITE_URL") or f"http://{host}:{port}"}
    # People see our own pages for what went wrong, and as quick as they get.
    if not options["reload"]:
        shared |= {"DEBUG": "0", "DEMO": str(int(settings.DEMO))}
    return [
        Program("web", web, patience=7, environment={**shared, "DATABASE_POOL": "1"}),
        Program("worker", worker, patience=10, environment=shared),
        Program("beat", beat, patience=4, environment=shared),
    ]


@contextmanager
def _only_one(var_dir: Path) -> Iterator[None]:
    """Refuse a second start from the same folder while the first one lives."""
    with (var_dir / "up.lock").open("a", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            msg = "Firsthand already runs from this folder. Stop it there with Ctrl-C first."
            raise CommandError(msg) from None
        yield


def _require_servers() -> None:
    """A start that is being stopped takes its servers along, also when the next one has found them already."""
    services = provided()
    if services and services.dead():
        msg = (
            "An earlier start from this folder was still being stopped. Run the same command again."
        )
        raise CommandError(msg)


def _leave_nothing(supervisor: Supervisor) -> None:
    """Stop everything; a second Ctrl-C does not leave it half done."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    supervisor.stop()
    connection.close()
    if services := provided():
        services.stop()


def _not_ready(address: str) -> str:
    """Return what is missing, in words; empty when all is well."""
    try:
        with urlopen(f"{address}readyz", timeout=10):  # noqa: S310  (our own http address)
            return ""
    except HTTPError as refused:
        try:
            checks = json.load(refused)["checks"]
        except (ValueError, KeyError):
            return f"the web server answers with an error ({refused.code})."
        return " ".join(found["detail"] for found in checks.values() if not found["ok"])
    except (OSError, HTTPException):
        return "the web server does not answer yet."
