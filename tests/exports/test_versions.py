"""What a change does to the version."""

import pytest

from exports.versions import Changes, allows, following, least_bump


@pytest.mark.parametrize(
    ("changes", "bump"),
    [
        (Changes(), "patch"),
        (Changes(described=3), "patch"),
        (Changes(added=1), "minor"),
        (Changes(added=5, changed=1), "major"),
        (Changes(removed=1), "major"),
        (Changes(moved=1), "major"),
    ],
)
def test_least_bump(changes, bump):
    assert least_bump(changes) == bump
    assert allows("major", changes)
    assert allows("patch", changes) == (bump == "patch")


@pytest.mark.parametrize(
    ("version", "bump", "after"),
    [
        (None, "patch", (1, 0, 0)),
        ((1, 2, 3), "patch", (1, 2, 4)),
        ((1, 2, 3), "minor", (1, 3, 0)),
        ((1, 2, 3), "major", (2, 0, 0)),
    ],
)
def test_following(version, bump, after):
    assert following(version, bump) == after
