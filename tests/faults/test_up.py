"""`make run` under everything that goes wrong with processes."""

import os
import signal
import subprocess
import urllib.request

import pytest

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


def test_up_serves_until_ctrl_c_and_leaves_nothing(installation):
    installation.start()
    with urllib.request.urlopen(f"{installation.address}healthz", timeout=10) as answer:
        assert answer.status == 200
    assert set(installation.pids()) == {*EVERYONE, "up"}
    assert installation.signal(signal.SIGINT) == 0
    assert "Stopped." in installation.output
    assert installation.nothing_is_left() is True


def test_data_is_there_after_a_restart(installation):
    installation.start()
    add_person(installation)
    installation.signal(signal.SIGTERM)
    installation.start()
    assert people(installation) == "kept@example.org"
    assert "Starting" in installation.output


@pytest.mark.parametrize("victim", EVERYONE)
def test_death_of_one_process_stops_all_with_a_sentence_and_the_next_start_recovers(
    installation, victim
):
    installation.start()
    add_person(installation)
    os.kill(installation.pids()[victim], signal.SIGKILL)
    assert installation.process.wait(timeout=60) != 0
    assert f"{victim} " in installation.output.splitlines()[-1] or "ended by itself" in installation.output
    assert "Traceback" not in installation.output
    assert installation.nothing_is_left() is True
    installation.start()
    assert people(installation) == "kept@example.org"


def test_killed_supervisor_takes_all_with_it(installation):
    installation.start()
    add_person(installation)
    installation.process.kill()
    installation.process.wait()
    assert installation.nothing_is_left() is True
    installation.start()
    assert people(installation) == "kept@example.org"


def test_everything_killed_at_once_recovers(installation):
    installation.start()
    add_person(installation)
    for pid in installation.pids().values():
        os.kill(pid, signal.SIGKILL)
    installation.process.wait()
    installation.start()
    assert people(installation) == "kept@example.org"


@pytest.mark.parametrize("moment", ["Starting PostgreSQL", "Preparing the database", "Starting the web"])
def test_killed_while_starting_recovers(installation, moment):
    installation.launch()
    assert installation.wait_for_output(moment)
    installation.process.kill()
    installation.process.wait()
    assert installation.nothing_is_left() is True
    installation.start()


def test_taken_port_is_one_sentence(installations):
    first = installations("first").start()
    second = installations("second")
    second.port = first.port
    second.launch()
    assert second.process.wait(timeout=60) == 1
    assert second.output.splitlines()[-1].startswith(
        f"CommandError: Port {first.port} is taken by another program."
    )
    assert second.nothing_is_left() is True


def test_second_start_from_the_same_folder_is_refused_and_harmless(installations):
    first = installations("var").start()
    again = installations("var")
    again.launch()
    assert again.process.wait(timeout=60) == 1
    assert "already runs from this folder" in again.output
    with urllib.request.urlopen(f"{first.address}readyz", timeout=10) as answer:
        assert answer.status == 200


def test_two_copies_beside_each_other_do_not_mix(installations):
    one, other = installations("one").start(), installations("other").start()
    add_person(one, "one@example.org")
    add_person(other, "other@example.org")
    one.signal(signal.SIGINT)
    assert people(other) == "other@example.org"
    with urllib.request.urlopen(f"{other.address}readyz", timeout=10) as answer:
        assert answer.status == 200


def test_make_run_works_in_a_copy_whose_path_has_a_space(installations, folder):
    copy = folder / "a copy"
    left_out = [".venv", "var", "node_modules", ".git", "__pycache__"]
    subprocess.run(
        ["tar", "-c", *(f"--exclude=./{name}" for name in left_out), "-f", folder / "copy.tar", "."],
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
