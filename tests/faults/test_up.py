"""`make run` under everything that goes wrong with processes."""

import os
import signal
import subprocess
import urllib.request
from types import SimpleNamespace

import pytest
from django.core.management import CommandError

from config.management.commands import up
from tests.faults.installation import ROOT

EVERYONE = ["postgres", "valkey", "web", "worker", "beat"]


def add_person(installation, email="kept@example.org"):
    code = (
        "from django.contrib.auth import get_user_model as u;"
        f"u().objects.create(email='{email}', name='A role')"
    )
    installation.manage("shell", "--no-imports", "-c", code)


def people(installation):
    code = (
        "from django.contrib.auth import get_user_model as u;"
        "print(','.join(u().objects.order_by('email').values_list('email', flat=True)))"
    )
    return installation.manage("shell", "--no-imports", "-c", code).stdout.strip()


def answer(installation, path):
    with urllib.request.urlopen(f"{installation.address}{path}", timeout=10) as response:
        return response.status


def interrupt(installation):
    assert installation.signal(signal.SIGINT) == 0
    assert "Stopped." in installation.output


def terminate(installation):
    assert installation.signal(signal.SIGTERM) == 0


def kill_supervisor(installation):
    installation.process.kill()
    installation.process.wait()


def kill_all(installation):
    for pid in installation.pids().values():
        os.kill(pid, signal.SIGKILL)
    installation.process.wait()


def test_data_outlives_every_way_to_stop_all_and_nothing_is_left_running(installation):
    installation.start()
    assert answer(installation, "healthz") == 200
    assert set(installation.pids()) == {*EVERYONE, "up"}
    add_person(installation)
    for way in (interrupt, kill_supervisor, kill_all, terminate):
        way(installation)
        assert installation.nothing_is_left() is True, way
        installation.start()
        assert people(installation) == "kept@example.org", way


def test_death_of_one_process_stops_all_with_a_sentence_and_the_next_start_recovers(installation):
    installation.start()
    add_person(installation)
    for victim in EVERYONE:
        os.kill(installation.pids()[victim], signal.SIGKILL)
        assert installation.process.wait(timeout=90) == 1, victim
        assert "ended by itself" in installation.output, victim
        assert "Traceback" not in installation.output, victim
        assert installation.nothing_is_left() is True, victim
        installation.start()
    assert people(installation) == "kept@example.org"


def test_killed_while_starting_recovers(installation):
    for moment in ("Starting PostgreSQL", "Preparing the database", "Starting the web"):
        installation.launch()
        assert installation.wait_for_output(moment)
        installation.process.kill()
        installation.process.wait()
        assert installation.nothing_is_left() is True, moment
    installation.start()


def test_copies_beside_each_other_do_not_mix_and_say_what_is_taken(installations):
    one, other = installations("one").start(), installations("other").start()
    add_person(one, "one@example.org")
    add_person(other, "other@example.org")

    third = installations("third")
    third.port = one.port
    third.launch()
    assert third.process.wait(timeout=90) == 1
    assert f"Port {one.port} is taken by another program." in third.output.splitlines()[-1]
    assert third.nothing_is_left() is True

    again = installations("other")
    again.launch()
    assert again.process.wait(timeout=90) == 1
    assert "already runs from this folder" in again.output.splitlines()[-1]

    interrupt(one)
    assert people(other) == "other@example.org"
    assert answer(other, "readyz") == 200


def test_make_run_works_in_a_copy_whose_path_has_a_space(installations, folder):
    copy = folder / "a copy"
    left_out = [".venv", "var", "node_modules", ".git", "__pycache__"]
    subprocess.run(
        [
            "tar",
            "-c",
            *(f"--exclude=./{name}" for name in left_out),
            "-f",
            folder / "copy.tar",
            ".",
        ],
        cwd=ROOT,
        check=True,
    )
    copy.mkdir()
    subprocess.run(["tar", "-xf", folder / "copy.tar"], cwd=copy, check=True)
    (copy / ".venv").symlink_to(ROOT / ".venv")
    installation = installations("var of the copy", root=copy)
    installation.command = ["make", "run", f"PORT={installation.port}"]
    installation.start()
    installation.process.kill()  # make itself: what it started notices
    installation.process.wait()
    assert installation.nothing_is_left() is True


def test_command_starts_servers_when_none_are_up_and_stops_them_after(installation):
    installation.var_dir.mkdir()
    installation.manage("migrate")
    add_person(installation)
    assert people(installation) == "kept@example.org"
    assert installation.nothing_is_left(0.5) is True


def test_a_start_whose_servers_went_with_an_earlier_one_says_what_to_do(monkeypatch):
    gone = SimpleNamespace(dead=lambda: ["postgres"])
    monkeypatch.setattr(up, "provided", lambda: gone)
    with pytest.raises(CommandError, match="Run the same command again"):
        up.Command()._run(supervisor=None, options={})
