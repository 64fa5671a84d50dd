"""Take up the words by which instructions and responses are found, beside the work and never in its way.

An import, a submission and a save write nothing here: jobs follow them, and a sweep takes up what was left.
"""

from collections.abc import Callable, Iterable, Sequence
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
    """The next ones without words between two keys. Returns up to which key, 0 at the end."""
    there = InstructionWords.objects.filter(instruction=models.OuterRef("pk"))
    found = Instruction.objects.filter(~models.Exists(there), pk__gte=first)
    if last is not None:
        found = found.filter(pk__lte=last)
    rows = list(found.order_by("pk")[:_CHUNK])
    return _keep(InstructionWords, "instruction_id", rows, texts_of_instruction)


def index_revisions(*, first: int = 0, last: int | None = None) -> int:
    """The same for responses that were handed in."""
    there = RevisionWords.objects.filter(revision=models.OuterRef("pk"))
    found = Revision.objects.filter(~models.Exists(there), pk__gte=first)
    if last is not None:
        found = found.filter(pk__lte=last)
    rows = list(found.order_by("pk")[:_CHUNK])
    return _keep(RevisionWords, "revision_id", rows, texts_of_revision)


@transaction.atomic
def _keep(
    model: type[models.Model],
    key: str,
    rows: Sequence[Any],
    texts: Callable[[Any], Iterable[str]],
) -> int:
    if not rows:
        return 0
    vectors = [vector_of(texts(row)) for row in rows]
    with connection.cursor() as cursor:
        cursor.execute(
            _KEEP.format(table=model._meta.db_table, key=key),  # noqa: SLF001  (public in all but name)
            [[row.pk for row in rows], vectors],
        )
    return int(rows[-1].pk)
