"""What no release refers to goes when it is old; what a build may take over stays."""

import hashlib
import os
from datetime import timedelta
from threading import Event as Flag
from threading import Thread

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone

from audit.models import Event
from exports import store
from exports.enums import Bump, ReleaseState
from exports.errors import BuildUnderWay
from exports.formats.types import JsonArray
from exports.models import Release, ReleaseShard, Shard
from exports.services.build import build_here, cancel_build, start_build
from exports.services.build_shard import build_shard
from exports.services.clear_chunks import clear_chunks, what_could_go
from exports.services.cut import cut_release
from exports.services.deliver import write_directory
from exports.services.publish import discard_release, publish_release
from exports.services.tokenizers import add_tokenizer
from exports.tasks import clear_unused_chunks
from lib.errors import Conflict
from tests.factories.exports import approved, dataset_of

JOINT = JsonArray.joint
ALL = {"train": 1.0, "validation": 0.0, "test": 0.0, "held_out": 0.0}
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_store(settings, tmp_path):
    """A store of this test's own: others leave chunks in theirs."""
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.VAR_DIR = tmp_path / "var"


@pytest.fixture
def release(studio):
    """A published release."""
    approved(studio)
    made = build_here(release=cut_next(dataset_of(studio, shares=ALL), Bump.MAJOR))
    made = publish_release(release=made, person=None)
    # What joins the rows of several shards is written, and with one shard not used.
    store.remove(hashlib.sha256(JOINT).hexdigest())
    return made


def cut_next(dataset, bump=Bump.MINOR):
    return cut_release(dataset=dataset, bump=bump, person=None)


@pytest.fixture
def following(release, studio):
    """The next release, cut, of one record more."""
    approved(studio, "An answer that was added later.")
    return cut_next(release.dataset)


def whole(release):
    """Whether the store holds every file of every shard that was built for the release."""
    shards = Shard.objects.filter(key__in=release.shards.values("key"))
    return shards and all(store.holds(p["sha256"]) for s in shards for p in s.parts.values())


def let_days_pass(days=3):
    """Make all that is in the store, and what was built and stopped, so much older."""
    then = timezone.now() - timedelta(days=days)
    for name in store.names():
        os.utime(store.local_path(name), (then.timestamp(),) * 2)
    Shard.objects.update(built_at=then)
    Release.objects.filter(state=ReleaseState.FAILED).update(state_since=then)


def test_what_nothing_refers_to_goes_and_releases_stay(release, tmp_path):
    left = store.put_bytes(b"of a build that came to nothing")
    draft = store.local_path(left).with_name(f".{left}.0123")
    draft.write_bytes(b"half")
    let_days_pass()
    could = what_could_go()
    assert (could.shards, could.chunks, could.bytes) == (0, 2, 35)
    assert store.holds(left)
    assert clear_chunks() == could
    assert not store.holds(left)
    assert not draft.exists()
    assert what_could_go().chunks == 0
    write_directory(release=release, target=tmp_path / "whole")
    assert Event.objects.get(verb="exports.chunks_cleared").data == {"chunks": 2, "bytes": 35}


def test_what_is_new_stays(release):
    name = store.put_bytes(b"about to be named")
    assert clear_chunks().chunks == 0
    assert store.holds(name)


@pytest.mark.parametrize("state", ["draft", "failed", "ready"])
def test_an_unfinished_release_keeps_what_was_built_for_it(following, studio, state, tmp_path):
    if state != "draft":
        started = start_build(release=following, person=studio.lead, inline=True)
        for shard in following.shards.all():
            build_shard(release=started, shard=shard)
        cancel_build(release=started, person=studio.lead)
    if state == "ready":
        build_here(release=started)
    let_days_pass()
    assert clear_chunks().shards == 0
    assert whole(following) or state == "draft"
    if state != "ready":
        following = build_here(release=following)
    write_directory(release=following, target=tmp_path / "whole")


def test_what_a_discarded_release_alone_held_goes_and_can_be_built_again(following, studio):
    before = set(store.names())
    built = build_here(release=following)
    mine = set(store.names()) - before
    discard_release(release=built, person=studio.lead)
    assert Event.objects.filter(verb="exports.release_discarded").count() == 1
    assert not Release.objects.filter(pk=built.pk).exists()
    let_days_pass()
    with pytest.raises(BuildUnderWay):
        clear_chunks()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("UPDATE audit_event SET at = at - interval '2 hours'")
        cursor.execute("SET LOCAL session_replication_role = origin")
    gone = clear_chunks()
    assert gone.shards == 1
    assert gone.chunks == len(mine)
    assert set(store.names()) == before
    again = build_here(release=cut_next(following.dataset))
    assert publish_release(release=again, person=None).state == ReleaseState.PUBLISHED


def test_nothing_goes_while_a_build_is_at_work_or_was_just_stopped(following, studio, capsys):
    name = store.put_bytes(b"an old chunk that the build is about to make again")
    let_days_pass()
    started = start_build(release=following, person=studio.lead, inline=True)
    with pytest.raises(BuildUnderWay):
        clear_chunks()
    with pytest.raises(CommandError, match="being built"):
        call_command("clear_chunks")
    clear_unused_chunks()
    cancel_build(release=started, person=studio.lead)
    clear_unused_chunks()
    assert store.holds(name)
    let_days_pass()
    call_command("clear_chunks", "--dry-run")
    assert "1 pieces (50 bytes) and 0 unused shards would go" in capsys.readouterr().out
    clear_unused_chunks()
    assert not store.holds(name)


def test_a_release_that_is_being_built_cannot_be_discarded(following, studio):
    started = start_build(release=following, person=studio.lead, inline=True)
    with pytest.raises(Conflict, match="being built"):
        discard_release(release=started, person=studio.lead)


def test_a_tokenizer_keeps_its_files(studio):
    made = add_tokenizer(name="t", file_name="tokenizer.json", content=b"{}", person=studio.lead)
    let_days_pass()
    assert clear_chunks().chunks == 0
    assert store.holds(made.files["tokenizer.json"])


def test_folders_of_killed_processes_go(settings):
    old, new = settings.VAR_DIR / "work" / "old", settings.VAR_DIR / "work" / "new"
    for folder in (old, new):
        folder.mkdir(parents=True)
        (folder / "openai").write_text("half a file")
    os.utime(old, (0, 0))
    clear_chunks()
    assert not old.exists()
    assert new.exists()


@pytest.mark.django_db(transaction=True)
def test_a_cut_in_another_process_is_waited_for_or_left_alone(release):
    """Shards that an uncommitted cut is about to name are not seen here; so nothing goes meanwhile."""
    cut, done = Flag(), Flag()

    def other():
        with transaction.atomic():
            row = ReleaseShard.objects.filter(release=release).get()
            draft = Release.objects.create(
                dataset=release.dataset, major=9, minor=0, patch=0, bump="major"
            )
            ReleaseShard.objects.create(
                release=draft, split="train", number=0, first=0, last=0, records=1, key=row.key
            )
            cut.set()
            done.wait(30)
        connection.close()

    left = store.put_bytes(b"left")
    let_days_pass()
    busy = Thread(target=other)
    busy.start()
    try:
        assert cut.wait(30)
        with pytest.raises(BuildUnderWay):
            clear_chunks()
        assert store.holds(left)
    finally:
        done.set()
        busy.join()
    assert clear_chunks().chunks == 1
