"""Every legal move of a release. Read by the executor, the database, the diagram and the tests."""

from exports.enums import ReleaseState as S
from lib.machine import Machine, Move

FINAL = "('ready', 'published', 'withdrawn')"
"""SQL: the states in which nothing of a release changes any more."""

RELEASE = Machine(
    name="release",
    initial=S.DRAFT,
    moves=(
        Move("build", S.DRAFT, S.BUILDING, by="administrator"),
        Move("finish", S.BUILDING, S.READY, by="worker"),
        Move("fail", S.BUILDING, S.FAILED, by="worker"),
        # A cancelled build is a failed one whose reason is the person's wish: both resume.
        Move("cancel", S.BUILDING, S.FAILED, by="administrator"),
        Move("resume", S.FAILED, S.BUILDING, by="administrator"),
        # What is built and not wanted is deleted, and only a stopped one can be.
        Move("discard", S.READY, S.FAILED, by="administrator"),
        Move("publish", S.READY, S.PUBLISHED, by="administrator"),
        Move("withdraw", S.PUBLISHED, S.WITHDRAWN, by="governance"),
    ),
)
