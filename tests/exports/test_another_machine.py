"""A release rebuilt elsewhere: another database, store, locale, time zone, clock and hash seed; the same bytes."""

import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from django.db import connection

from exports.enums import Bump
from exports.services.build import build_here
from exports.services.cut import cut_release
from exports.services.deliver import write_directory
from exports.services.publish import publish_release
from tests.exports import workers
from tests.factories.exports import approved, dataset_of

OTHER = "firsthand_another_machine"
_END_OTHERS = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
# Runs before anything else in the other process: its clock is three years ahead.
CLOCK = "import time\nreal = time.time\ntime.time = lambda: real() + 1e8\n"


@pytest.fixture
def other_database():
    """A copy of this database under another name."""
    told = connection.settings_dict
    connection.close()
    options = {"host": told["HOST"], "port": told["PORT"] or None, "user": told["USER"]}
    with psycopg.connect(
        dbname="postgres", password=told["PASSWORD"] or None, autocommit=True, **options
    ) as server:

        def copy():
            connection.close()
            server.execute(f"DROP DATABASE IF EXISTS {OTHER}")
            # A background process of the server may still look at the database that is copied.
            server.execute(_END_OTHERS, [told["NAME"]])
            server.execute(f'CREATE DATABASE {OTHER} TEMPLATE "{told["NAME"]}"')
            return workers.database_url().replace(told["NAME"], OTHER)

        yield copy
        connection.close()
        server.execute(f"DROP DATABASE IF EXISTS {OTHER} WITH (FORCE)")


@pytest.mark.django_db(transaction=True)
def test_the_same_bytes_on_another_machine(studio, other_database, tmp_path):
    for number in range(12):
        approved(studio, f"Answer {number}: İstanbul, straße, 1.234,5 and {number}e3.")
    shares = {"train": 0.5, "validation": 0.25, "test": 0.25, "held_out": 0.0}
    release = build_here(
        release=cut_release(dataset=dataset_of(studio, shares=shares), bump=Bump.MAJOR, person=None)
    )
    here = write_directory(
        release=publish_release(release=release, person=None), target=tmp_path / "here"
    )
    (tmp_path / "clock").mkdir()
    (tmp_path / "clock" / "sitecustomize.py").write_text(CLOCK)
    environment = workers.environment(
        DATABASE_URL=other_database(), FIRSTHAND_VAR=str(tmp_path / "var"), LC_ALL="tr_TR.UTF-8",
        TZ="Pacific/Kiritimati", PYTHONHASHSEED="7", PYTHONPATH=str(tmp_path / "clock"),
    )  # fmt: skip
    done = subprocess.run(
        [
            sys.executable, "manage.py", "build_release", "demo",
            "--version", "1.0.0", "--out", tmp_path / "there",
        ],
        cwd=workers.ROOT, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    assert contents(tmp_path / "there") == contents(here)


def contents(folder: Path):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
