"""Every command of the front page does what the page says, in the order in which it stands there."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from lib.embedded import discard
from tests.faults.installation import ROOT, Installation

README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(sh|python)\n(.*?)```", README, re.DOTALL)
COMMANDS = [line for kind, text in BLOCKS if kind == "sh" for line in text.strip().splitlines()]
PROGRAMS = [text for kind, text in BLOCKS if kind == "python"]
# Run by other tests, which this one cannot run again within itself.
ELSEWHERE = {
    "make test": "is what runs this",
    "cp .env.example .env": "tests/platform/test_production.py reads that file",
    "docker compose up -d": "tests/platform/test_production.py runs each command of the file",
}
MANAGE = ".venv/bin/python manage.py "


@pytest.fixture
def checkout(tmp_path):
    """A copy to run in, with the packages that are installed here."""
    copy = tmp_path / "firsthand"
    left_out = shutil.ignore_patterns(
        ".venv", "var", "node_modules", ".git", "__pycache__", ".*_cache"
    )
    shutil.copytree(ROOT, copy, ignore=left_out)
    (copy / ".venv").symlink_to(ROOT / ".venv")
    for folder in (tmp_path, *tmp_path.parents):
        if folder.owner() == tmp_path.owner() and folder != Path("/tmp"):
            folder.chmod(0o755)
        else:
            break
    return copy


@pytest.fixture
def installation(checkout):
    made = Installation(checkout / "var", root=checkout)
    made.command = ["make", "run", f"PORT={made.port}"]
    yield made
    made.stop()
    discard(made.var_dir)


def run(command, installation):
    words = command.removeprefix(MANAGE).split()
    return subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=installation.root,
        env=installation.environment,
        capture_output=True,
        text=True,
    )


@pytest.mark.faults
@pytest.mark.timeout(900)
def test_every_command_of_the_front_page_works(installation):
    assert COMMANDS[0] == "make run"
    installation.start()
    for account in ("writer", "expert", "format", "admin"):
        assert f"{account}@example.org" in README
        assert f"{account}@example.org" in installation.output
    assert "firsthand-demo" in installation.output

    done = ["make run"]
    for command in COMMANDS[1:]:
        if command.startswith(MANAGE):
            ran = run(command, installation)
            assert ran.returncode == 0, f"{command}\n{ran.stdout}\n{ran.stderr}"
        else:
            assert command in ELSEWHERE
        done.append(command)
    assert done == COMMANDS

    for program in PROGRAMS:
        ran = subprocess.run(
            [sys.executable, "-c", program],
            cwd=installation.root,
            env={**installation.environment, "HF_HOME": str(installation.var_dir / "cache")},
            capture_output=True,
            text=True,
        )
        assert ran.returncode == 0, ran.stderr
        assert "assistant" in ran.stdout


def test_make_test_runs_pytest_last_so_that_its_closing_line_ends_the_output():
    # Inside `make test` the outer make's flags would have this one say where it works.
    plain = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    shown = subprocess.run(
        ["make", "--no-print-directory", "-n", "test"],
        cwd=ROOT,
        env=plain,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "-m pytest" in shown.strip().splitlines()[-1]
