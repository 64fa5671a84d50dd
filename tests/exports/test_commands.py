"""The three commands, over a small real installation."""

import hashlib
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from exports.models import Release
from tests.factories.exports import approved, dataset_of


def tree(directory):
    return {
        path.relative_to(directory).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(Path(directory).rglob("*"))
        if path.is_file()
    }


@pytest.fixture
def stocked(studio):
    for number in range(12):
        approved(
            studio, f"Answer number {number}, with a careful explanation.\n\n- and a list\u2028"
        )
    return dataset_of(studio)


def test_first_release_is_published_verified_and_rebuilt_byte_for_byte(stocked, tmp_path):
    call_command("build_release", "demo", "--bump", "patch", "--out", str(tmp_path / "one"))
    release = Release.objects.get()
    assert (release.version, release.state) == ("1.0.0", "published")
    call_command("verify_release", str(tmp_path / "one"), "--records")
    call_command("build_release", "demo", "--version", "1.0.0", "--out", str(tmp_path / "two"))
    assert tree(tmp_path / "one") == tree(tmp_path / "two")


def test_a_step_that_is_too_small_is_refused(stocked, studio):
    call_command("build_release", "demo", "--bump", "minor")
    approved(studio, "One more answer.")
    with pytest.raises(CommandError, match="minor version, not a patch one"):
        call_command("build_release", "demo", "--bump", "patch")
    call_command("build_release", "demo", "--bump", "minor")
    assert Release.objects.filter(state="published").count() == 2


def test_diff_names_what_was_added(stocked, studio, capsys):
    call_command("build_release", "demo", "--bump", "major")
    task = approved(studio, "One more answer.")
    call_command("build_release", "demo", "--bump", "minor")
    capsys.readouterr()
    call_command("diff_releases", "demo", "1.0.0", "1.1.0", "--json")
    (entry,) = map(json.loads, capsys.readouterr().out.splitlines())
    assert (entry["change"], entry["record_id"]) == ("added", str(task.key))


def test_empty_selection_is_refused(studio):
    dataset_of(studio)
    with pytest.raises(CommandError, match="No approved record"):
        call_command("build_release", "demo", "--bump", "major")
    assert not Release.objects.exists()


def test_unknown_dataset_is_refused(db):
    with pytest.raises(CommandError, match="no dataset"):
        call_command("build_release", "nothing", "--bump", "major")
