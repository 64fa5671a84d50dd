"""A PostgreSQL server of our own: made on first use, started, recovered after a crash, stopped."""

import os
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from lib.embedded import places, processes
from lib.embedded.binaries import PostgresPrograms, postgres_programs
from lib.embedded.errors import ServiceError
from lib.embedded.ports import LOOPBACK, free_port
from lib.embedded.processes import Account, Running

OWNER = "firsthand"
START_SECONDS = 90
STOP_SECONDS = 15
NEEDED_BYTES = 300 * 1024 * 1024

# The server inherits nothing of ours: Django puts its own time zone into the environment.
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC", "HOME": "/"}

SETTINGS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "random_page_cost": "1.1",
    "jit": "off",
}
# For data that nobody needs after a crash: tests.
NOT_DURABLE = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_wal_size": "2GB",
    "autovacuum_naptime": "10min",
}


@dataclass(frozen=True)
class Cluster:
    """One data folder and the programs that serve it."""

    home: Path
    account: Account | None
    programs: PostgresPrograms
    durable: bool = True

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def password_file(self) -> Path:
        return self.home / "password"

    @property
    def log(self) -> Path:
        return self.home / "postgres.log"


def cluster_in(var_dir: Path, *, durable: bool = True, configured: str = "") -> Cluster:
    """Return the cluster that belongs to `var_dir`, without touching it."""
    account = places.server_account()
    home = places.data_home(var_dir, account) / "postgres"
    programs = postgres_programs(configured, major=_major_of(home / "data"))
    return Cluster(home, account, places.reachable_programs(programs, var_dir, account), durable)


def _major_of(data: Path) -> int | None:
    try:
        return int((data / "PG_VERSION").read_text(encoding="ascii"))
    except FileNotFoundError:
        return None
    except PermissionError:
        msg = (
            f"{data} belongs to another account. Run this as the user who started it first, "
            "or remove that folder to begin anew."
        )
        raise ServiceError(msg) from None


def start(cluster: Cluster, *, tied: bool) -> Running:
    """Start the server, making the cluster and the database where they are missing."""
    _make_home(cluster)
    if not cluster.data.exists():
        _initialise(cluster)
    _end_leftover(cluster)
    running = _launch(cluster, tied=tied)
    _create_database(running.url)
    return running


def stop(running_pid: int, identity: str) -> bool:
    """Stop at once but cleanly (no waiting for clients); return whether it went when asked."""
    return processes.stop(
        running_pid, identity, ask=(signal.SIGINT, signal.SIGQUIT), patience=STOP_SECONDS
    )


def answers(url: str) -> bool:
    """Tell whether a server accepts our password there, now."""
    try:
        with psycopg.connect(url, connect_timeout=3) as connection:
            connection.execute("SELECT 1")
    except psycopg.Error:
        return False
    return True


def _make_home(cluster: Cluster) -> None:
    cluster.home.mkdir(parents=True, exist_ok=True)
    cluster.home.chmod(0o700)
    _give(cluster.home, cluster.account)


def _give(folder: Path, account: Account | None) -> None:
    """Hand a folder and all in it to the account, unless it has it already."""
    if account is None or folder.stat().st_uid == account.uid:
        return
    for path in [folder, *folder.rglob("*")]:
        os.chown(path, account.uid, account.gid, follow_symlinks=False)


def _initialise(cluster: Cluster) -> None:
    """Make the cluster beside its place and rename it: a killed initdb never counts as one."""
    free = shutil.disk_usage(cluster.home).free
    if free < NEEDED_BYTES:
        msg = (
            f"The disk is full: a database needs {NEEDED_BYTES >> 20} MB in {cluster.home}, and "
            f"{free >> 20} MB are left. Make room and start again."
        )
        raise ServiceError(msg)
    half = cluster.data.with_name("data.tmp")
    shutil.rmtree(half, ignore_errors=True)
    _write_password(cluster)
    made = subprocess.run(  # noqa: S603
        [
            cluster.programs / "initdb",
            f"--pgdata={half}",
            f"--username={OWNER}",
            f"--pwfile={cluster.password_file}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            *_locale(cluster.programs.major),
            "--no-sync",
        ],
        env=ENVIRONMENT,
        cwd="/",
        user=cluster.account.uid if cluster.account else None,
        group=cluster.account.gid if cluster.account else None,
        extra_groups=[] if cluster.account else None,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        errors="replace",
    )
    if made.returncode != 0:
        raise ServiceError(_explain(f"{made.stdout}\n{made.stderr}", "could not be set up"))
    if cluster.durable:
        os.sync()
    half.rename(cluster.data)


def _locale(major: int) -> list[str]:
    """Sort by code point and know all of Unicode, with no help from the system's locales."""
    builtin_since = 17
    if major >= builtin_since:
        return ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    return ["--locale=C.UTF-8"]


def _write_password(cluster: Cluster) -> None:
    cluster.password_file.touch(mode=0o600)
    cluster.password_file.write_text(secrets.token_urlsafe(24), encoding="ascii")
    if cluster.account:
        os.chown(cluster.password_file, cluster.account.uid, cluster.account.gid)


def _end_leftover(cluster: Cluster) -> None:
    """Clear what a crash left: a server without an owner, or the note of one that is gone.

    The process id in that note may meanwhile belong to a stranger, which would make the server
    refuse to start, so what runs under it is looked at first.
    """
    note = cluster.data / "postmaster.pid"
    try:
        pid = int(note.read_text(encoding="ascii").split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return
    identity = processes.fingerprint(pid)
    if identity and str(cluster.data) in processes.command_line(pid):
        stop(pid, identity)
    with suppress(FileNotFoundError):
        note.unlink()


def _launch(cluster: Cluster, *, tied: bool) -> Running:
    """Start and wait until it answers; a port lost to somebody else means another try."""
    deadline = time.monotonic() + START_SECONDS
    while True:
        port = free_port()
        processes.turn_over(cluster.log)
        process = processes.spawn(
            [cluster.programs / "postgres", "-D", cluster.data, *_flags(cluster, port)],
            log=cluster.log,
            environment=ENVIRONMENT,
            account=cluster.account,
            tied=tied,
        )
        url = _url(cluster, port)
        while process.poll() is None and time.monotonic() < deadline:
            if answers(url):
                return Running(url, process.pid, processes.fingerprint(process.pid) or "")
            time.sleep(processes.POLL_SECONDS)
        last_words = processes.tail(cluster.log)
        if process.poll() is None:
            process.kill()
        elif _worth_another_try(last_words) and time.monotonic() < deadline:
            time.sleep(0.2)
            continue
        raise ServiceError(_explain(last_words, "did not start"))


def _worth_another_try(last_words: str) -> bool:
    """The port was taken meanwhile, or children of a killed server are still on their way out."""
    return "Address already in use" in last_words or "shared memory block" in last_words


def _flags(cluster: Cluster, port: int) -> list[str]:
    chosen: Mapping[str, str] = SETTINGS if cluster.durable else {**SETTINGS, **NOT_DURABLE}
    return ["-p", str(port), *(f"--{name}={value}" for name, value in chosen.items())]


def _url(cluster: Cluster, port: int) -> str:
    password = cluster.password_file.read_text(encoding="ascii").strip()
    return f"postgres://{OWNER}:{password}@{LOOPBACK}:{port}/postgres"


def _create_database(url: str) -> None:
    with (
        psycopg.connect(url, autocommit=True) as connection,
        suppress(psycopg.errors.DuplicateDatabase),
    ):
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(OWNER)))


def database_url(running: Running) -> str:
    """Return the address of the application's own database on that server."""
    return running.url.rpartition("/")[0] + "/" + OWNER


def _explain(output: str, what: str) -> str:
    if "No space left on device" in output:
        return "The disk is full: PostgreSQL cannot write. Make room and start again."
    return f"PostgreSQL {what}. Its last words:\n{output.strip()}"
