"""Take in a benchmark as keyed hashes: its text passes through memory and is never stored."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from audit.services import record
from checks import ngrams
from checks.shapes import read_pair, row_id
from checks.text import tokens, weight
from checks.types import text_of
from corpus.enums import HitState
from corpus.errors import UnknownField
from corpus.files import rows_of
from corpus.keys import hasher, key_check
from corpus.models import Hit, Look, ProtectedGram, ProtectedItem, ProtectedSet
from lib.jobs import enqueue_on_commit

# Columns that hold what a benchmark asks, by preference.
_ASKED = ("question", "prompt", "Question", "problem", "instruction", "turns", "text", "query",
          "input", "QUESTION", "Prompt", "goal", "ctx", "sentence")  # fmt: skip
_BATCH = 500


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did: items by name, texts hashed, rows that held no text."""

    name: str
    items: int
    texts: int
    grams: int
    skipped: int
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Text:
    name: str
    tokens: list[str]


@transaction.atomic
def import_protected(
    *, path: Path, name: str, fields: Sequence[str] = (), id_field: str = "", actor: Any = None
) -> Imported:
    """Import or replace the protected set `name` from a file.

    `fields` are the columns to protect (dots reach into objects); without any, the column that holds
    the question is found by its name. Items are named by `id_field`, else by a column that looks like
    an id, else by row number from 1. What was waived for an item that is still there stays waived; texts
    that are known already are looked at again in the background. Raises UnreadableFile, UnknownField, KeyMissing.
    """
    decided = _decided(name)
    for former in ProtectedSet.objects.filter(name=name):
        Look.objects.filter(origin=look_of(former.pk)).delete()
        former.delete()
    made = ProtectedSet.objects.create(
        name=name,
        source=path.name[:200],
        gram_version=ngrams.GRAM_VERSION,
        key_check=key_check(),
        imported_by=actor,
    )
    counts = _Counts()
    with connection.cursor() as cursor:
        _forget_loose_grams(cursor)
        for batch in _batches(_texts(path, fields, id_field, counts)):
            counts.grams += _store(cursor, made, batch)
            counts.texts += len(batch)
            counts.names |= {text.name for text in batch}
        if not counts.texts:
            raise UnknownField(
                f"No text was found in {path.name}.",
                advice="Name the column that holds it with --field.",
            )
        _mark_templates(cursor, made)
        cursor.execute("ANALYZE corpus_protectedgram")
    made.items, made.grams = len(counts.names), counts.grams
    made.save(update_fields=["items", "grams"])
    _decide_again(made, decided)
    Look.objects.create(origin=look_of(made.pk))
    enqueue_on_commit("annotation.tasks.look_again", set_id=made.pk)
    record(verb="corpus.protected_imported", actor=actor, target=made, items=made.items, set=name)
    return Imported(
        name, made.items, counts.texts, counts.grams, counts.skipped, tuple(sorted(counts.fields))
    )


def look_of(set_id: int) -> str:
    """The origin of the look through known texts for a protected set."""
    return f"set:{set_id}"


def _decided(name: str) -> list[Hit]:
    """Hits on the set of this name that somebody decided about."""
    hits = Hit.objects.filter(item__protected_set__name=name).exclude(state=HitState.OPEN)
    return list(hits.select_related("item"))


def _decide_again(made: ProtectedSet, decided: Sequence[Hit]) -> None:
    """Put the decisions back onto the items of the new import that are the same, name and text."""
    if not decided:
        return
    items = {
        (item.name, item.whole): item
        for item in made.texts.filter(name__in={hit.item.name for hit in decided})
    }
    for hit in decided:
        item = items.get((hit.item.name, hit.item.whole))
        if item is not None:
            hit.pk, hit.item = None, item
            hit.save(force_insert=True)


class _Counts:
    def __init__(self) -> None:
        self.texts = self.grams = self.skipped = 0
        self.names: set[str] = set()
        self.fields: set[str] = set()
        self.seen: set[tuple[str, int]] = set()


def _texts(path: Path, fields: Sequence[str], id_field: str, counts: _Counts) -> Iterator[_Text]:
    for row in rows_of(path):
        if row.problem and not row.data:
            counts.skipped += 1
            continue
        if id_field and id_field not in row.data:
            raise UnknownField(
                f"Row {row.number} has no field {id_field!r}.",
                advice=f"It has: {', '.join(map(str, row.data))}.",
            )
        name = row_id(row.data, id_field) or str(row.number)
        found = False
        for field, text in _protected(row.data, fields):
            own = tokens(text)
            key = (name, hasher().whole(own))
            if own and key not in counts.seen:
                counts.seen.add(key)
                counts.fields.add(field)
                yield _Text(name[:200], own)
            found = found or bool(own)
        counts.skipped += not found


def _protected(row: Mapping[str, Any], fields: Sequence[str]) -> Iterator[tuple[str, str]]:
    if fields:
        for field in fields:
            if not _has(row, field):
                raise UnknownField(
                    f"A row has no field {field!r}.", advice=f"It has: {', '.join(map(str, row))}."
                )
            for text in _strings(_at(row, field)):
                yield field, text
        return
    for field in _ASKED:
        texts = list(_strings(row.get(field)))
        if texts:
            yield from ((field, text) for text in texts)
            return
    pair = read_pair(row)
    for message in pair.instruction or pair.target:
        yield "messages", message.content


def _has(row: Mapping[str, Any], field: str) -> bool:
    return field in row or ("." in field and _at(row, field) is not None)


def _at(row: Mapping[str, Any], field: str) -> Any:
    if field in row:
        return row[field]
    value: Any = row
    for name in field.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _strings(value: Any) -> Iterator[str]:
    """The texts of a cell: itself, or each turn or part of a list."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Sequence):
        for item in value:
            text = item.get("content", item) if isinstance(item, Mapping) else item
            plain = text_of(text) if not isinstance(text, Mapping) else text_of(text.get("text"))
            if plain.strip():
                yield plain
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _strings(item)


def _batches(texts: Iterator[_Text]) -> Iterator[list[_Text]]:
    batch: list[_Text] = []
    for text in texts:
        batch.append(text)
        if len(batch) == _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _store(cursor: CursorWrapper, made: ProtectedSet, batch: Sequence[_Text]) -> int:
    items = ProtectedItem.objects.bulk_create(
        ProtectedItem(
            protected_set=made,
            name=text.name,
            tokens=len(text.tokens),
            words=(words := float(sum(map(weight, text.tokens)))),
            own=words,
            whole=hasher().whole(text.tokens),
        )
        for text in batch
    )
    count = 0
    with cursor.copy("COPY corpus_protectedgram (h, item_id, position, common) FROM STDIN") as copy:
        for item, text in zip(items, batch, strict=True):
            for gram in hasher().grams(text.tokens):
                copy.write_row((gram.h, item.pk, gram.start, False))
                count += 1
    return count


# Runs that several items of one set share are its template. An item made of nothing else keeps all
# of its runs as its own: it could not be found otherwise.
_TEMPLATES = """
WITH own AS (
  SELECT gram.h, gram.item_id, gram.position FROM corpus_protectedgram gram
  JOIN corpus_protecteditem item ON item.id = gram.item_id WHERE item.protected_set_id = %(set)s
), frequent AS (
  SELECT h FROM own GROUP BY h HAVING count(DISTINCT item_id) >= %(least)s
), distinct_items AS (
  SELECT item_id FROM own GROUP BY item_id HAVING bool_or(h NOT IN (SELECT h FROM frequent))
)
UPDATE corpus_protectedgram AS gram SET common = true
WHERE gram.h IN (SELECT h FROM frequent) AND gram.item_id IN (SELECT item_id FROM distinct_items)
"""
_OWN_WORDS = """
UPDATE corpus_protecteditem AS item SET own = greatest(0, item.words - shared.words)
FROM (
  SELECT item_id, sum(reach) AS words FROM (
    SELECT item_id, least(
      lead(position, 1, position + %(size)s) OVER (PARTITION BY item_id ORDER BY position) - position,
      %(size)s
    ) AS reach
    FROM corpus_protectedgram gram WHERE common
      AND item_id IN (SELECT id FROM corpus_protecteditem WHERE protected_set_id = %(set)s)
  ) AS runs GROUP BY item_id
) AS shared
WHERE item.id = shared.item_id AND item.protected_set_id = %(set)s
"""


def _mark_templates(cursor: CursorWrapper, made: ProtectedSet) -> None:
    values = {"set": made.pk, "least": ngrams.COMMON_ITEMS, "size": ngrams.GRAM_WORDS}
    cursor.execute(_TEMPLATES, values)
    cursor.execute(_OWN_WORDS, values)


def _forget_loose_grams(cursor: CursorWrapper) -> None:
    """Delete the runs of items that are gone: they have no foreign key in the database."""
    table = ProtectedGram._meta.db_table  # noqa: SLF001
    cursor.execute(
        f"DELETE FROM {table} gram WHERE NOT EXISTS "
        "(SELECT 1 FROM corpus_protecteditem item WHERE item.id = gram.item_id)"
    )
