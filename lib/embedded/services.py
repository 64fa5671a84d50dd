"""Have PostgreSQL and a Redis-compatible server up while anyone needs them.

Every process that uses the servers holds a shared lock on `services.users`; whoever leaves last
stops them. The kernel drops the lock of a killed process, so nobody is counted for ever.
`services.json` says what runs where; it is believed only when the process is the same and the
server answers.
"""

import fcntl
import json
import shutil
import time
from collections.abc import Callable, Iterator, MutableMapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO

from lib.embedded import binaries, places, postgres, processes, valkey
from lib.embedded.errors import ServiceError
from lib.embedded.processes import Running

POSTGRES, VALKEY = "postgres", "valkey"
PATIENCE_SECONDS = 60
TITLES = {POSTGRES: "PostgreSQL", VALKEY: "Redis (Valkey)"}


@dataclass(frozen=True)
class Wanted:
    """Which servers to have, and with what programs."""

    postgres: bool = True
    valkey: bool = True
    durable: bool = True
    tied: bool = False
    """Let the servers die with this process (a supervisor, a test run)."""
    postgres_bin: str = ""
    valkey_server: str = ""

    def names(self) -> list[str]:
        return [POSTGRES] * self.postgres + [VALKEY] * self.valkey


@dataclass
class Services:
    """The servers of one var folder, in use by this process until `release`."""

    var_dir: Path
    running: dict[str, Running]
    _users: IO[str] | None = field(default=None, repr=False)

    @property
    def database_url(self) -> str:
        """The application's database; empty when PostgreSQL was not asked for."""
        server = self.running.get(POSTGRES)
        return postgres.database_url(server) if server else ""

    @property
    def redis_url(self) -> str:
        """Broker and cache; empty when it was not asked for."""
        server = self.running.get(VALKEY)
        return server.url if server else ""

    def dead(self) -> list[str]:
        """Name the servers that are no longer there."""
        return [
            name
            for name, server in self.running.items()
            if processes.wait_until_gone(server.pid, server.identity, 0)
        ]

    def release(self) -> None:
        """Stop using the servers; the last user stops them."""
        if self._users is None:
            return
        with _exclusive(self.var_dir):
            if _nobody_else(self._users):
                _stop_all(self.var_dir)
            self._users.close()
            self._users = None

    def stop(self) -> None:
        """Stop the servers whoever else uses them: the end of `up` leaves nothing behind."""
        with _exclusive(self.var_dir):
            _stop_all(self.var_dir)
            if self._users is not None:
                self._users.close()
                self._users = None


def ensure_services(
    var_dir: Path, wanted: Wanted | None = None, *, say: Callable[[str], None] = lambda _: None
) -> Services:
    """Return running servers, starting what is not up; safe to call from many processes at once.

    Raises ServiceError with a sentence that says what to do.
    """
    wanted = wanted or Wanted()
    _make_private(var_dir)
    with _exclusive(var_dir), ExitStack() as on_failure:
        users = on_failure.enter_context((var_dir / "services.users").open("a", encoding="ascii"))
        if _nobody_else(users):
            _stop_all(var_dir)  # left over from something killed
        fcntl.flock(users, fcntl.LOCK_SH)
        known = _known(var_dir)
        for name in wanted.names():
            if name not in known or not _answers(name, known[name]):
                say(f"Starting {TITLES[name]}")
                known[name] = _start(name, var_dir, wanted)
                _remember(var_dir, known)
        on_failure.pop_all()
        return Services(var_dir, {name: known[name] for name in wanted.names()}, users)


def discard(var_dir: Path) -> None:
    """Stop the servers of a throw-away var folder and remove it, data and all."""
    with _exclusive(var_dir):
        _stop_all(var_dir)
    shutil.rmtree(places.shared_path(var_dir), ignore_errors=True)
    shutil.rmtree(var_dir, ignore_errors=True)


def running_services(var_dir: Path) -> Services:
    """Return what runs now, without starting or using anything."""
    known = _known(var_dir)
    return Services(var_dir, {name: at for name, at in known.items() if _answers(name, at)})


def _start(name: str, var_dir: Path, wanted: Wanted) -> Running:
    if name == POSTGRES:
        cluster = postgres.cluster_in(
            var_dir, durable=wanted.durable, configured=wanted.postgres_bin
        )
        return postgres.start(cluster, tied=wanted.tied)
    program = binaries.valkey_server(wanted.valkey_server)
    return valkey.start(program, var_dir / VALKEY, durable=wanted.durable, tied=wanted.tied)


def _answers(name: str, server: Running) -> bool:
    """Tell whether a noted server is alive and takes our password.

    One that lives gets its time on a busy machine: starting another in its place would take it from
    under those who use it.
    """
    asked = postgres.answers if name == POSTGRES else valkey.answers
    deadline = time.monotonic() + PATIENCE_SECONDS
    while processes.fingerprint(server.pid) == server.identity:
        if asked(server.url):
            return True
        if time.monotonic() > deadline:
            return False
        time.sleep(processes.POLL_SECONDS)
    return False


def _stop_all(var_dir: Path) -> None:
    for name, server in _known(var_dir).items():
        stop = postgres.stop if name == POSTGRES else valkey.stop
        stop(server.pid, server.identity)
    with suppress(FileNotFoundError):
        _note(var_dir).unlink()


def _note(var_dir: Path) -> Path:
    return var_dir / "services.json"


def _known(var_dir: Path) -> dict[str, Running]:
    """Read what was started last; a note that a crash cut short counts as none."""
    try:
        noted = json.loads(_note(var_dir).read_text(encoding="utf-8"))
        return {name: Running(**server) for name, server in noted.items()}
    except (FileNotFoundError, ValueError, TypeError, AttributeError):
        return {}


def _remember(var_dir: Path, known: dict[str, Running]) -> None:
    half = _note(var_dir).with_suffix(".tmp")
    half.touch(mode=0o600)
    half.chmod(0o600)  # it holds passwords
    half.write_text(
        json.dumps({name: asdict(server) for name, server in known.items()}, indent=1),
        encoding="utf-8",
    )
    half.replace(_note(var_dir))


def _make_private(var_dir: Path) -> None:
    try:
        var_dir.mkdir(parents=True, exist_ok=True)
        (var_dir / "services.lock").touch()
    except PermissionError:
        msg = (
            f"{var_dir} cannot be written by this user. Run this as the user who made it, "
            "or remove that folder to begin anew."
        )
        raise ServiceError(msg) from None
    except OSError as error:
        msg = f"{var_dir} cannot be written: {error.strerror}."
        raise ServiceError(msg) from None


@contextmanager
def _exclusive(var_dir: Path) -> Iterator[None]:
    """One process at a time starts or stops."""
    with (var_dir / "services.lock").open("a", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _nobody_else(users: IO[str]) -> bool:
    """Tell whether no other process uses the servers; asked only under the exclusive lock."""
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def provide(
    var_dir: Path,
    environment: MutableMapping[str, str],
    *,
    tied: bool = False,
    say: Callable[[str], None] = lambda _: None,
) -> Services | None:
    """Fill in the addresses that the environment lacks, from servers of our own.

    Return what was started or joined; None when both addresses were given from outside.
    """
    wanted = Wanted(
        postgres=not environment.get("DATABASE_URL"),
        valkey=not environment.get("REDIS_URL"),
        tied=tied,
        postgres_bin=environment.get("POSTGRES_BIN", ""),
        valkey_server=environment.get("VALKEY_SERVER", ""),
    )
    if not wanted.names():
        return None
    services = ensure_services(var_dir, wanted, say=say)
    if services.database_url:
        environment["DATABASE_URL"] = services.database_url
    if services.redis_url:
        environment["REDIS_URL"] = services.redis_url
    _provided.append(services)
    return services


def provided() -> Services | None:
    """Return the servers that `provide` started or joined for this process, if any."""
    return _provided[-1] if _provided else None


_provided: list[Services] = []
