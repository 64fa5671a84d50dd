"""The servers that the project starts itself."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace

import psycopg
import pytest
import redis
from django.core.cache import cache
from django.db import connection

from lib.embedded import (
    ServiceError,
    Wanted,
    binaries,
    discard,
    ensure_services,
    places,
    postgres,
    processes,
    provide,
    running_services,
)
from lib.embedded.ports import free_port, is_taken

TIED = Wanted(durable=False, tied=True)
PREFIX = "firsthand embedded "


@pytest.fixture
def var_dir():
    """A folder with a space in its name, which the account of PostgreSQL may enter."""
    made = Path(tempfile.mkdtemp(prefix=PREFIX))
    made.chmod(0o755)
    yield made
    discard(made)


def rows(services):
    with psycopg.connect(services.database_url) as link:
        return link.execute("SELECT word FROM kept").fetchall()


def write_a_row(services):
    with psycopg.connect(services.database_url) as link:
        link.execute("CREATE TABLE kept (word text)")
        link.execute("INSERT INTO kept VALUES ('here')")


def test_database_is_a_new_enough_postgresql_in_utc(db):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('server_version_num')::int, current_setting('TimeZone')"
        )
        version, zone = cursor.fetchone()
    assert version >= 150000
    assert zone == "UTC"


def test_cache_is_a_real_server():
    cache.set("word", "kept", 5)
    assert cache.get("word") == "kept"


def test_servers_start_once_and_stop_with_their_last_user(var_dir):
    first = ensure_services(var_dir, TIED)
    second = ensure_services(var_dir, TIED)
    assert (first.database_url, first.redis_url) == (second.database_url, second.redis_url)
    first.release()
    assert second.dead() == []
    second.release()
    assert second.dead() == ["postgres", "valkey"]
    assert not running_services(var_dir).running


def test_data_outlives_a_stop(var_dir):
    services = ensure_services(var_dir, Wanted(tied=True))
    write_a_row(services)
    redis.Redis.from_url(services.redis_url).set("word", "here")
    services.release()
    again = ensure_services(var_dir, Wanted(tied=True))
    assert rows(again) == [("here",)]
    assert redis.Redis.from_url(again.redis_url).get("word") == b"here"
    again.release()


def test_data_outlives_a_killed_server(var_dir):
    services = ensure_services(var_dir, Wanted(tied=True))
    write_a_row(services)
    for server in services.running.values():
        os.kill(server.pid, signal.SIGKILL)
    again = ensure_services(var_dir, Wanted(tied=True))
    assert rows(again) == [("here",)]
    assert again.running["postgres"].pid != services.running["postgres"].pid
    services.release()
    again.release()


def test_note_of_a_dead_server_whose_process_id_belongs_to_a_stranger_now(var_dir):
    ensure_services(var_dir, TIED).release()
    data = postgres.cluster_in(var_dir).data
    (data / "postmaster.pid").write_text(f"{os.getpid()}\n{data}\n")
    (var_dir / "services.json").write_text(
        json.dumps(
            {"postgres": {"url": "postgres://x@127.0.0.1:1/x", "pid": os.getpid(), "identity": "0"}}
        )
    )
    services = ensure_services(var_dir, TIED)
    assert services.dead() == []
    services.release()


@pytest.mark.parametrize("note", ["", "{", "[]", '{"postgres": {"pid": 1}}'])
def test_note_that_a_crash_cut_short_is_no_note(var_dir, note):
    (var_dir / "services.json").write_text(note)
    services = ensure_services(var_dir, TIED)
    assert services.dead() == []
    services.release()


def test_half_made_cluster_never_counts_as_one(var_dir):
    cluster = postgres.cluster_in(var_dir)
    half = cluster.data.with_name("data.tmp")
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18")
    services = ensure_services(var_dir, TIED)
    assert services.dead() == []
    assert not half.exists()
    services.release()


def test_servers_die_with_the_process_they_are_tied_to(var_dir):
    code = (
        "import os, signal, sys; from pathlib import Path;"
        "from lib.embedded import ensure_services, Wanted;"
        "ensure_services(Path(sys.argv[1]), Wanted(durable=False, tied=True));"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    root = Path(__file__).resolve().parents[2]
    ended = subprocess.run([sys.executable, "-c", code, str(var_dir)], cwd=root)
    assert ended.returncode == -signal.SIGKILL
    deadline = time.monotonic() + 20
    while running_services(var_dir).running and time.monotonic() < deadline:
        time.sleep(0.05)
    assert running_services(var_dir).running == {}


def test_many_processes_that_start_at_once_share_one_server(var_dir):
    code = (
        "import sys, time; from pathlib import Path;"
        "from lib.embedded import ensure_services, Wanted;"
        "s = ensure_services(Path(sys.argv[1]), Wanted(durable=False));"
        "print(s.database_url, s.redis_url, flush=True); sys.stdin.read(); s.release()"
    )
    root = Path(__file__).resolve().parents[2]
    started = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(var_dir)],
            cwd=root,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    addresses = {process.stdout.readline() for process in started}
    for process in started:
        process.communicate("")
    assert len(addresses) == 1
    assert running_services(var_dir).running == {}


def test_only_what_is_missing_is_started(var_dir):
    environment = {"DATABASE_URL": "postgres://elsewhere/db"}
    services = provide(var_dir, environment, tied=True)
    assert list(services.running) == ["valkey"]
    assert environment["DATABASE_URL"] == "postgres://elsewhere/db"
    assert environment["REDIS_URL"] == services.redis_url
    services.release()


def test_nothing_is_started_when_both_addresses_are_given(var_dir):
    assert provide(var_dir, {"DATABASE_URL": "postgres://a/b", "REDIS_URL": "redis://a"}) is None
    assert list(var_dir.iterdir()) == []


def test_passwords_are_readable_by_their_owner_alone(var_dir):
    services = ensure_services(var_dir, TIED)
    assert (var_dir / "services.json").stat().st_mode & 0o077 == 0
    assert postgres.cluster_in(var_dir).password_file.stat().st_mode & 0o077 == 0
    commands = [processes.command_line(server.pid) for server in services.running.values()]
    passwords = [services.redis_url.split(":")[2].split("@")[0]]
    assert not any(password in command for password in passwords for command in commands)
    services.release()


@pytest.mark.parametrize(
    "url",
    [
        "postgres://firsthand:wrong@127.0.0.1:{port}/firsthand",
        "postgres://other@127.0.0.1:{port}/firsthand",
    ],
)
def test_server_refuses_strangers(var_dir, url):
    services = ensure_services(var_dir, TIED)
    port = services.database_url.rpartition("/")[0].rpartition(":")[2]
    assert not postgres.answers(url.format(port=port))
    services.release()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to hide behind another account")
def test_folder_that_only_root_may_enter_moves_data_and_programs_elsewhere(var_dir):
    private = var_dir / "private"
    private.mkdir(mode=0o700)
    services = ensure_services(private / "var", TIED)
    write_a_row(services)
    assert postgres.cluster_in(private / "var").home.is_relative_to(places.SHARED_ROOT)
    assert private.stat().st_mode & 0o777 == 0o700
    services.release()
    home = places.shared_path(private / "var")
    assert home.is_dir()
    discard(private / "var")
    assert not home.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to hide behind another account")
def test_programs_that_only_root_may_enter_are_copied(var_dir):
    account = places.server_account()
    found = binaries.postgres_programs()
    if not found.parts:
        pytest.skip("PostgreSQL comes from the system here, not from the wheel")
    install, libraries = found.parts
    hidden = var_dir / "hidden"
    shutil.copytree(install, hidden / install.parent.name / install.name, symlinks=True)
    shutil.copytree(libraries, hidden / libraries.name, symlinks=True)
    hidden.chmod(0o700)
    moved = hidden / install.parent.name / install.name
    programs = binaries.PostgresPrograms(
        moved / "bin", found.major, (moved, hidden / libraries.name)
    )
    copied = places.reachable_programs(programs, var_dir, account)
    assert not copied.folder.is_relative_to(hidden)
    version = subprocess.run(
        [copied / "postgres", "--version"],
        user=account.uid,
        group=account.gid,
        extra_groups=[],
        cwd="/",
        capture_output=True,
        text=True,
    )
    assert version.returncode == 0, version.stderr


def test_programs_named_in_the_settings_come_first():
    found = binaries.postgres_programs()
    assert binaries.postgres_programs(str(found.folder)).folder == found.folder
    assert binaries.postgres_programs(str(found.folder)).parts == ()


def test_missing_programs_are_one_sentence_that_says_what_to_do(monkeypatch):
    monkeypatch.setattr(binaries, "_postgres_candidates", lambda configured: [])
    with pytest.raises(ServiceError, match="Run `make setup`"):
        binaries.postgres_programs()


def test_full_disk_is_one_sentence(var_dir, monkeypatch):
    usage = SimpleNamespace(free=5 << 20)
    monkeypatch.setattr(postgres.shutil, "disk_usage", lambda path: usage)
    with pytest.raises(ServiceError, match="The disk is full: a database needs 300 MB"):
        ensure_services(var_dir, TIED)


def test_last_words_about_a_full_disk_are_put_plainly():
    said = "FATAL:  could not write lock file: No space left on device"
    assert postgres._explain(said, "did not start").startswith("The disk is full")


def test_taken_port_is_noticed():
    port = free_port()
    assert not is_taken(port)
    server = subprocess.Popen(
        [sys.executable, "-m", "http.server", "--bind", "127.0.0.1", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + 20
        while not is_taken(port) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert is_taken(port)
    finally:
        server.kill()
        server.wait()
