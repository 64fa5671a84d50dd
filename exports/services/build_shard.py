"""Build one shard of a release: read its pins by a server-side cursor, write every format at once."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import orjson
from django.db import connection, transaction

from exports import records, store
from exports.formats import chosen
from exports.models import Release, ReleaseShard, Shard
from exports.parquet import Shape
from exports.queries import HELD, MAY_TRAVEL, held_by
from exports.shards import ShardWriter

_ROWS = f"""
SELECT record.data, pin.mixture::text, pin.weight,
       CASE WHEN %(pairs)s THEN (
         SELECT '[' || string_agg(other.data, ',' ORDER BY other.id) || ']'
         FROM exports_alternative other WHERE other.record_id = record.id AND {MAY_TRAVEL})
       END
FROM exports_pin pin JOIN exports_record record ON record.id = pin.record_id
WHERE {HELD} AND pin.split = %(split)s
  AND pin.ordinal BETWEEN %(first)s AND %(last)s
ORDER BY pin.ordinal
"""


def build_shard(*, release: Release, shard: ReleaseShard, again: bool = False) -> Shard:
    """The shard's files, built unless they are there already (or `again`); safe to repeat.

    Files come first and the row last, so that a process killed in between leaves nothing that counts.
    """
    found = Shard.objects.filter(key=shard.key).first()
    if found is not None and not again and _is_whole(found):
        return found
    with store.workspace() as folder:
        writer = ShardWriter(
            folder, Shape(**release.shape), chosen(release.snapshot.get("formats", []))
        )
        with writer:
            for data in _released(release, shard):
                writer.add(data)
        parts = {}
        for role, part in writer.parts().items():
            parts[role] = {key: value for key, value in asdict(part).items() if key != "path"}
            store.put_file(part.path, part.sha256)
    counts = {slug: count.as_dict() for slug, count in writer.counts.items()}
    made, _ = Shard.objects.update_or_create(
        key=shard.key, defaults={"parts": parts, "counts": counts}
    )
    return made


def forget_damaged(release: Release) -> int:
    """Forget shards of a release of which the store has lost a chunk, so that they are built again."""
    built = Shard.objects.filter(key__in=release.shards.values("key"))
    damaged = [shard.pk for shard in built if not _is_whole(shard)]
    return Shard.objects.filter(pk__in=damaged).delete()[0]


def _is_whole(shard: Shard) -> bool:
    return all(store.holds(part["sha256"]) for part in shard.parts.values())


def _released(release: Release, shard: ReleaseShard) -> Iterator[dict[str, Any]]:
    parameters = {
        "pairs": release.snapshot["preference_pairs"],
        "word": release.snapshot.get("pair_word", 0),
        **held_by(release),
        "split": shard.split,
        "first": shard.first,
        "last": shard.last,
    }
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        cursor.execute(_ROWS, parameters)
        for data, mixture, weight, alternatives in cursor:
            yield records.released(
                data,
                split=shard.split,
                mixture=orjson.loads(mixture),
                sample_weight=int(weight) if weight == int(weight) else weight,
                alternatives=orjson.loads(alternatives) if alternatives else None,
            )
