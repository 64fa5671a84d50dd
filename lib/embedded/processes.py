"""Start, recognise and stop single processes.

A process id alone says little: ids are used again. `fingerprint` adds the moment the process
started, so that nothing here ever signals a stranger.
"""

import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

PR_SET_PDEATHSIG = 1
POLL_SECONDS = 0.02

# Loaded here and not in the child: after a change of user the child may not be able to read
# Python's own files any more.
_LINUX = Path("/proc/self/stat").exists()
_libc = ctypes.CDLL(None) if _LINUX else None


@dataclass(frozen=True)
class Account:
    """The operating-system account that a process runs as."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True)
class Running:
    """A server that answers: where, and which process."""

    url: str
    pid: int
    identity: str


def spawn(
    command: Sequence[str | Path],
    *,
    log: Path,
    environment: Mapping[str, str],
    account: Account | None = None,
    stdin: str = "",
    tied: bool = True,
    cwd: Path | str = "/",
) -> "subprocess.Popen[bytes]":
    """Start a process in a group of its own, its output appended to `log`.

    A terminal's Ctrl-C therefore reaches only us, and we decide the order in which things stop.
    `tied` asks Linux to interrupt the process when the one that started it dies, however it dies.
    """
    with log.open("ab") as output:
        process = subprocess.Popen(  # noqa: S603  (the commands are ours)
            [os.fspath(part) for part in command],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=cwd,
            env=dict(environment),
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
            start_new_session=not tied,
            process_group=0 if tied else None,
            preexec_fn=_die_with_parent(os.getpid()) if tied and _libc else None,  # noqa: PLW1509
        )
    _children[process.pid] = process
    with suppress(BrokenPipeError):
        assert process.stdin is not None
        process.stdin.write(stdin.encode())
        process.stdin.close()
    return process


def _die_with_parent(parent: int) -> Callable[[], None]:
    def prepare_child() -> None:
        # A shell that starts us in the background has INT ignored, which children would inherit.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        if _libc is not None:
            _libc.prctl(PR_SET_PDEATHSIG, signal.SIGINT)
        if os.getppid() != parent:  # it died before we could ask
            os._exit(1)

    return prepare_child


# Held by process id, since whoever stops a process knows only that; only its handle can reap it.
_children: "dict[int, subprocess.Popen[bytes]]" = {}


def follow_parent() -> None:
    """Be asked to stop (TERM) when the process that started this one ends, however it ends."""
    if _libc is not None:
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def fingerprint(pid: int) -> str | None:
    """Tell one life of a process id from another; None when nothing alive has that id."""
    if _LINUX:
        try:
            stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return None
        fields = stat.rpartition(")")[2].split()
        state, started = fields[0], fields[19]
        return None if state in "ZX" and _reaped(pid) else started
    asked = subprocess.run(  # noqa: S603
        ["/bin/ps", "-o", "state=,lstart=", "-p", str(pid)],
        capture_output=True,
        text=True,
        check=False,
    )
    state, _, started = asked.stdout.strip().partition(" ")
    return None if not state or (state[0] == "Z" and _reaped(pid)) else started.strip()


def _reaped(pid: int) -> bool:
    """Take note of the end of a child of ours, which stays a zombie until somebody does.

    The first thread of a program may be a zombie while others still end: it is not over then.
    """
    if pid in _children and _children[pid].poll() is not None:
        del _children[pid]
    return pid not in _children


def command_line(pid: int) -> str:
    """Return the arguments a process was started with, joined by spaces; empty when it is gone."""
    if _LINUX:
        try:
            raw = Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            return ""
        return raw.replace(b"\0", b" ").decode(errors="replace").strip()
    asked = subprocess.run(  # noqa: S603
        ["/bin/ps", "-o", "args=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return asked.stdout.strip()


def stop(pid: int, identity: str, *, ask: Sequence[signal.Signals], patience: float) -> bool:
    """Ask a process to go, each signal in turn, `patience` seconds each; KILL its group at last.

    Return whether it went when asked.
    """
    for number in ask:
        if fingerprint(pid) != identity:
            return True
        with suppress(ProcessLookupError):
            os.kill(pid, number)
        if wait_until_gone(pid, identity, patience):
            return True
    kill_group(pid)
    wait_until_gone(pid, identity, patience)
    return False


def kill_group(pid: int) -> None:
    """Kill whatever is left of the group that a process leads or led."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def wait_until_gone(pid: int, identity: str, seconds: float) -> bool:
    """Wait for a process to end; return whether it has."""
    deadline = time.monotonic() + seconds
    while True:
        if fingerprint(pid) != identity:
            return True
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_SECONDS)


def turn_over(log: Path) -> None:
    """Begin a new log and keep the one before: last words are then of the latest start alone."""
    with suppress(FileNotFoundError):
        log.replace(log.with_name(log.name + ".1"))


def tail(log: Path, lines: int = 12) -> str:
    """Return the last lines of a log, for an error message."""
    try:
        text = log.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    return "\n".join(text.strip().splitlines()[-lines:])
