"""Take up the words by which instructions and responses are found, beside the work and never in its way.

An import, a submission and a save write nothing here: jobs follow them, and a sweep takes up what was left.
"""

from collections.abc import Callable, Iterable
from typing import Any

from django.db import connection, models, transaction

from annotation.finding import texts_of_instruction, texts_of_revision
from annotation.models import Instruction, InstructionWords, Revision, RevisionWords
from lib.words import vector_of

_CHUNK = 500

_KEEP = """
INSERT INTO {table} ({key}, words)
SELECT row.id, row.words::tsvector FROM unnest(%s::bigint[], %s::text[]) AS row(id, words)
ON CONFLICT DO NOTHING
"""


def index_instructions(*, first: int = 0, last: int | None = None) -> int:
    """Take up the next ones between two keys. Returns up to which key, 0 at the end."""
    there = InstructionWords.objects.values_list("instruction", flat=True)
    return _take_up(Instruction, there, texts_of_instruction, first, last)


def index_revisions(*, first: int = 0, last: int | None = None) -> int:
    """The same for responses that were handed in."""
    there = RevisionWords.objects.values_list("revision", flat=True)
    return _take_up(Revision, there, texts_of_revision, first, last)


@transaction.atomic
def _take_up(
    model: type[Instruction] | type[Revision],
    there: models.QuerySet[Any, int],
    texts: Callable[[Any], Iterable[str]],
    first: int,
    last: int | None,
) -> int:
    """By ranges of keys and never by what is missing in the whole table: each step costs the same."""
    found = model._default_manager.filter(pk__gte=first)  # noqa: SLF001  (public in all but name)
    if last is not None:
        found = found.filter(pk__lte=last)
    keys = list(found.order_by("pk").values_list("pk", flat=True)[:_CHUNK])
    known = set(there.filter(pk__in=keys))
    rows = list(model._default_manager.filter(pk__in=[key for key in keys if key not in known]))  # noqa: SLF001
    if rows:
        table, column = there.model._meta.db_table, there.model._meta.pk.column  # noqa: SLF001
        with connection.cursor() as cursor:
            cursor.execute(
                _KEEP.format(table=table, key=column),
                [[row.pk for row in rows], [vector_of(texts(row)) for row in rows]],
            )
    return int(keys[-1]) if keys else 0
