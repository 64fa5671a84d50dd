"""Real servers for the tests: a PostgreSQL and a Valkey that live as long as the test run.

Loaded by `-p tests.plugins.services` before Django's settings are read. Where DATABASE_URL or
REDIS_URL is set (a worker of pytest-xdist inherits them), the servers named there are used.
"""

import fcntl
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from lib.embedded import ServiceError, Services, Wanted, discard, ensure_services

PREFIX = "firsthand-services-"
SERVICES = pytest.StashKey[Services]()  # kept for the whole run: dropped, they count as unused


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Iterator[None]:
    """Have servers before anything imports the settings (wrappers run first)."""
    wanted = Wanted(
        postgres=not os.environ.get("DATABASE_URL"),
        valkey=not os.environ.get("REDIS_URL"),
        durable=False,
        tied=True,
        postgres_bin=os.environ.get("POSTGRES_BIN", ""),
        valkey_server=os.environ.get("VALKEY_SERVER", ""),
    )
    if worker := os.environ.get("PYTEST_XDIST_WORKER"):
        _separate(worker)
    else:
        _start(early_config, wanted)
    return (yield)


def _start(config: pytest.Config, wanted: Wanted) -> None:
    _discard_leftovers()
    home = Path(tempfile.mkdtemp(prefix=PREFIX))
    home.chmod(0o755)  # the account of PostgreSQL has to get in
    os.environ["FIRSTHAND_VAR"] = str(home)
    try:
        services = config.stash[SERVICES] = ensure_services(home, wanted)
    except ServiceError as problem:
        pytest.exit(str(problem), returncode=pytest.ExitCode.USAGE_ERROR)
    config.add_cleanup(lambda: discard(home))
    if services.database_url:
        os.environ["DATABASE_URL"] = services.database_url
    if services.redis_url:
        os.environ["REDIS_URL"] = services.redis_url


def _separate(worker: str) -> None:
    """Give each xdist worker files and a Redis database of its own: nothing mixes."""
    home = Path(os.environ["FIRSTHAND_VAR"]) / worker
    home.mkdir(exist_ok=True)
    os.environ["FIRSTHAND_VAR"] = str(home)
    server, _, _ = os.environ["REDIS_URL"].rpartition("/")
    os.environ["REDIS_URL"] = f"{server}/{int(worker.removeprefix('gw')) % 16}"


def _discard_leftovers() -> None:
    """Remove what a killed test run left: folders whose users are all gone."""
    for users in Path(tempfile.gettempdir()).glob(f"{PREFIX}*/services.users"):
        try:
            with users.open("a", encoding="ascii") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:  # in use, or somebody else's
            continue
        discard(users.parent)


def pytest_configure() -> None:
    """Let Django empty append-only tables between tests, which their triggers refuse otherwise."""
    from django.db import transaction
    from django.db.backends.postgresql.operations import DatabaseOperations

    def flush_without_triggers(self: DatabaseOperations, sql_list: list[str]) -> None:
        using = self.connection.alias
        with transaction.atomic(using=using, savepoint=False), self.connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
            for statement in sql_list:
                cursor.execute(statement)

    DatabaseOperations.execute_sql_flush = flush_without_triggers
