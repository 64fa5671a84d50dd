#!/usr/bin/env python
"""Every command of the project, with PostgreSQL and Redis up when the command needs them."""

import atexit
import os
import sys
from pathlib import Path

from django.core.management import execute_from_command_line

from lib.embedded import ServiceError, provide

# These read code only; they work with no server, and the first of them run before there is any.
NO_SERVERS = {
    "check",
    "collectstatic",
    "compilemessages",
    "diffsettings",
    "findstatic",
    "help",
    "makemessages",
    "makemigrations",
    "spectacular",
    "sqlmigrate",
    "startapp",
    "verify_release",
    "write_reference",
    "version",
}


def main() -> None:
    """Run the command that the arguments name."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")
    command = next((word for word in sys.argv[1:] if not word.startswith("-")), "help")
    if command not in NO_SERVERS and not {"-h", "--help"} & set(sys.argv):
        _have_servers(command)
    execute_from_command_line(sys.argv)


def _have_servers(command: str) -> None:
    """Start what is missing; `up` ties it to its own life, `doctor` reports a failure itself."""
    var_dir = Path(os.environ.get("FIRSTHAND_VAR") or Path(__file__).resolve().parent / "var")
    try:
        if command == "up":
            services = provide(
                var_dir, os.environ, tied=True, say=lambda text: print(text, flush=True)
            )
        else:
            services = provide(var_dir, os.environ)
    except ServiceError as problem:
        if command != "doctor":
            sys.exit(f"{problem}")
    else:
        if services:
            atexit.register(services.release)


if __name__ == "__main__":
    main()
