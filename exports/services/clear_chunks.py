"""Clear what the store of releases holds and nothing refers to: rests of builds that came to nothing.

A build takes over chunks that are there already, so a chunk may be wanted again at the very moment
at which it goes. Therefore chunks go in batches, each in a transaction that first keeps every release
and every tokenizer from being written, finds no build at work, and asks again who refers to what.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from django.db import OperationalError, connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from audit.models import Event
from audit.services import record
from exports import store
from exports.enums import ReleaseState
from exports.errors import BuildUnderWay
from exports.models import Release, ReleaseShard, Shard

SAFE_AGE = timedelta(days=2)
"""Far longer than anything takes that writes a chunk first and names it afterwards."""
STILL_AT_IT = timedelta(hours=1)
"""A worker may sit at a shard for so long after its build was stopped: twice the longest job."""
BATCH = 500

_UNNAMED = """
SELECT name FROM unnest(%(names)s::text[]) AS wanted(name)
EXCEPT SELECT chunk->>0 FROM exports_releasefile, jsonb_array_elements(chunks) AS chunk
EXCEPT SELECT file.value FROM exports_tokenizer, jsonb_each_text(files) AS file
EXCEPT SELECT part.value->>'sha256' FROM exports_shard, jsonb_each(parts) AS part
       WHERE NOT exports_shard.key = ANY(%(without)s::text[])
"""


@dataclass
class Cleared:
    """What went, or would go."""

    shards: int = 0
    chunks: int = 0
    bytes: int = 0


def clear_chunks(*, older_than: timedelta = SAFE_AGE) -> Cleared:
    """Remove shards and chunks that are old and that no release refers to, in whatever state it is.

    Safe to repeat and to be killed. Raises BuildUnderWay when a build is at work or was just stopped;
    what went before that stays gone, and the next time goes on.
    """
    before = timezone.now() - older_than
    # First the rows, for good: one that came back without its chunks would be taken for built.
    done = Cleared(shards=_forget_shards(before))
    for names in _batches():
        with _no_build():
            found = list(_unnamed(names, before))
            for name, _ in found:
                store.remove(name)
            if found:
                size = sum(size for _, size in found)
                record(verb="exports.chunks_cleared", target=Shard, chunks=len(found), bytes=size)
                done.chunks, done.bytes = done.chunks + len(found), done.bytes + size
    store.remove_workspaces(before)
    return done


def what_could_go(*, older_than: timedelta = SAFE_AGE) -> Cleared:
    """What `clear_chunks` would remove now."""
    before = timezone.now() - older_than
    without = list(_needless(before).values_list("key", flat=True))
    sizes = [size for names in _batches() for _, size in _unnamed(names, before, without)]
    return Cleared(len(without), len(sizes), sum(sizes))


@contextmanager
def _no_build() -> Iterator[None]:
    """A transaction during which no release is cut, built or finished, and no tokenizer is added."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            # Whoever waits for a lock makes others wait behind: better to come again tomorrow.
            cursor.execute("SET LOCAL lock_timeout = '3s'")
            try:
                cursor.execute(
                    "LOCK TABLE exports_release, exports_tokenizer IN SHARE ROW EXCLUSIVE MODE"
                )
            except OperationalError as error:
                raise BuildUnderWay from error
        since = timezone.now() - STILL_AT_IT
        stopped = Q(state=ReleaseState.FAILED, state_since__gt=since)
        at_work = Release.objects.filter(Q(state=ReleaseState.BUILDING) | stopped)
        discarded = Event.objects.filter(verb="exports.release_discarded", at__gt=since)
        if at_work.exists() or discarded.exists():
            raise BuildUnderWay
        yield


def _forget_shards(before: datetime) -> int:
    with _no_build():
        number, _ = _needless(before).delete()
        if number:
            record(verb="exports.shards_forgotten", target=Shard, shards=number)
    return number


def _needless(before: datetime) -> QuerySet[Shard]:
    named = Exists(ReleaseShard.objects.filter(key=OuterRef("key")))
    return Shard.objects.filter(~named, built_at__lt=before)


def _batches() -> Iterator[list[str]]:
    names = store.names()
    while batch := list(islice(names, BATCH)):
        yield batch


def _unnamed(
    names: list[str], before: datetime, without: list[str] | None = None
) -> Iterator[tuple[str, int]]:
    """(name, size) of those chunks that are old and that nothing refers to, shards `without` aside."""
    with connection.cursor() as cursor:
        cursor.execute(_UNNAMED, {"names": names, "without": without or []})
        found = sorted(name for (name,) in cursor.fetchall())
    for name in found:
        size = store.size_if_older(name, before)
        if size is not None:
            yield name, size
