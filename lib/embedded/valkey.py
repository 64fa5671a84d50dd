"""A Redis-compatible server of our own: broker and cache, its data kept in an append-only file."""

import secrets
import signal
import time
from pathlib import Path

import redis

from lib.embedded import processes
from lib.embedded.errors import ServiceError
from lib.embedded.ports import LOOPBACK, free_port
from lib.embedded.processes import Running

START_SECONDS = 30
STOP_SECONDS = 10


def start(program: Path, home: Path, *, durable: bool, tied: bool) -> Running:
    """Start the server on its data in `home` and wait until it answers."""
    home.mkdir(parents=True, exist_ok=True)
    home.chmod(0o700)
    log = home / "valkey.log"
    deadline = time.monotonic() + START_SECONDS
    while True:
        port, password = free_port(), secrets.token_urlsafe(24)
        processes.turn_over(log)
        process = processes.spawn(
            [program, "-"],
            log=log,
            environment={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"},
            stdin=_configuration(home, port, password, durable=durable),
            tied=tied,
        )
        url = f"redis://:{password}@{LOOPBACK}:{port}/0"
        while process.poll() is None and time.monotonic() < deadline:
            if answers(url):
                return Running(url, process.pid, processes.fingerprint(process.pid) or "")
            time.sleep(processes.POLL_SECONDS)
        last_words = processes.tail(log)
        if process.poll() is None:
            process.kill()
        elif "Address already in use" in last_words and time.monotonic() < deadline:
            continue
        if "No space left on device" in last_words:
            msg = "The disk is full: the message broker cannot write. Make room and start again."
            raise ServiceError(msg)
        msg = f"The message broker (Valkey) did not start. Its last words:\n{last_words}"
        raise ServiceError(msg)


def _configuration(home: Path, port: int, password: str, *, durable: bool) -> str:
    """Write the settings for standard input, so that the password is in no process list."""
    folder = str(home).replace("\\", "\\\\").replace('"', '\\"')
    return "\n".join(
        [
            f"bind {LOOPBACK}",
            f"port {port}",
            f"requirepass {password}",
            f'dir "{folder}"',
            f"appendonly {'yes' if durable else 'no'}",
            'save ""',
            "daemonize no",
            "databases 16",
            "aof-load-truncated yes",
            "",
        ]
    )


def stop(pid: int, identity: str) -> bool:
    """Ask the server to write what it has and go; return whether it did when asked."""
    return processes.stop(pid, identity, ask=(signal.SIGTERM, signal.SIGINT), patience=STOP_SECONDS)


def answers(url: str) -> bool:
    """Tell whether a server accepts our password there, now, and has loaded its data."""
    client = redis.Redis.from_url(url, socket_connect_timeout=3, socket_timeout=3)
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False
    finally:
        client.close()
