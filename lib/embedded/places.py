"""Where PostgreSQL may live, and as whom.

PostgreSQL refuses to run as root. Started by root it runs as another account, which must be able
to reach its programs and its data. A checkout under a private folder (root's home, a folder made
by mkdtemp) hides both; then they move to a folder of their own that every account can reach.
"""

import hashlib
import os
import pwd
import shutil
import stat
from pathlib import Path

from lib.embedded.binaries import PostgresPrograms
from lib.embedded.errors import ServiceError
from lib.embedded.processes import Account

UNPRIVILEGED = ("postgres", "nobody")
SHARED_ROOT = Path("/var/lib")


def server_account() -> Account | None:
    """Return the account that PostgreSQL runs as when we are root; None: as ourselves."""
    if os.geteuid() != 0:
        return None
    for name in UNPRIVILEGED:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name, entry.pw_uid, entry.pw_gid)
    msg = (
        "PostgreSQL does not run as root, and there is neither an account `postgres` nor `nobody`. "
        "Run this as an ordinary user, or set DATABASE_URL to a server of yours."
    )
    raise ServiceError(msg)


def reachable(path: Path, account: Account) -> bool:
    """Tell whether an account can enter every folder on the way to `path`, and `path` itself."""
    path = path.resolve()
    return all(_may_enter(folder, account) for folder in [path, *path.parents] if folder.exists())


def _may_enter(folder: Path, account: Account) -> bool:
    info = folder.stat()
    if info.st_uid == account.uid:
        return bool(info.st_mode & stat.S_IXUSR)
    if info.st_gid == account.gid:
        return bool(info.st_mode & stat.S_IXGRP)
    return bool(info.st_mode & stat.S_IXOTH)


def data_home(var_dir: Path, account: Account | None) -> Path:
    """Return the folder that holds the cluster: in `var_dir` where the account can get at it."""
    if account is None or reachable(var_dir, account):
        return var_dir
    return shared_home(var_dir)


def shared_home(var_dir: Path) -> Path:
    """Return this checkout's folder outside of the checkout, made on first use."""
    home = shared_path(var_dir)
    try:
        home.mkdir(mode=0o755, exist_ok=True)
    except OSError as error:
        msg = (
            f"{var_dir} is hidden from the account that PostgreSQL runs as, and {home} cannot be "
            f"made: {error.strerror}. Open the folder, or set DATABASE_URL to a server of yours."
        )
        raise ServiceError(msg) from None
    _refuse_strangers(home)
    home.chmod(0o755)  # mkdir obeys the umask, which may be strict
    return home


def shared_path(var_dir: Path) -> Path:
    """Name the folder that `shared_home` makes: one for each checkout."""
    return SHARED_ROOT / (
        "firsthand-" + hashlib.sha256(os.fsencode(var_dir.resolve())).hexdigest()[:16]
    )


def _refuse_strangers(home: Path) -> None:
    """Stop when somebody else made our folder beforehand, in a place where everyone may write."""
    info = home.lstat()
    if info.st_uid != os.geteuid() or not stat.S_ISDIR(info.st_mode):
        msg = f"{home} belongs to somebody else. Remove it and start again."
        raise ServiceError(msg)


def reachable_programs(
    programs: PostgresPrograms, var_dir: Path, account: Account | None
) -> PostgresPrograms:
    """Return programs that the account can run: these, or a copy of them outside of the checkout."""
    if account is None or (reachable(programs.folder, account) and _runs(programs, account)):
        return programs
    if not programs.parts:
        msg = (
            f"The account {account.name} may not run the programs in {programs.folder}. "
            "Open that folder to it, or set DATABASE_URL to a server of yours."
        )
        raise ServiceError(msg)
    return _copied(programs, shared_home(var_dir) / f"postgres-{programs.major}-programs")


def _runs(programs: PostgresPrograms, account: Account) -> bool:
    """Tell whether the program itself is open to others: a strict umask at install time closes it."""
    mode = (programs / "postgres").stat().st_mode
    return bool(mode & stat.S_IXOTH) or (programs / "postgres").stat().st_uid == account.uid


def _copied(programs: PostgresPrograms, target: Path) -> PostgresPrograms:
    """Copy an installation with its libraries, which it looks for three folders up."""
    install, libraries = programs.parts
    folder = target / install.parent.name / install.name
    if not target.exists():
        half = target.with_name(f"{target.name}.{os.getpid()}.part")
        shutil.rmtree(half, ignore_errors=True)
        shutil.copytree(install, half / install.parent.name / install.name, symlinks=True)
        if libraries.exists():
            shutil.copytree(libraries, half / libraries.name, symlinks=True)
        _open_to_all(half)
        half.rename(target)
    return PostgresPrograms(folder / "bin", programs.major)


def _open_to_all(root: Path) -> None:
    for path in [root, *root.rglob("*")]:
        if not path.is_symlink():
            executable = path.is_dir() or path.stat().st_mode & stat.S_IXUSR
            path.chmod(0o755 if executable else 0o644)
