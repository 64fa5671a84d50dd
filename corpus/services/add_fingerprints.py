"""Make texts known to the corpus: one COPY for each table, however many there are."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.utils import timezone

from checks.sketch import SKETCH_VERSION, Sketch, sketch
from corpus.enums import Kind
from corpus.models import Band, Fingerprint, Run

_BATCH = 2000


@dataclass(frozen=True, slots=True)
class Entry:
    """A text to be known: its kind, reference and scope."""

    kind: Kind
    ref: str
    scope: str
    text: str


def add_fingerprints(*, entries: Iterable[Entry]) -> int:
    """Add or replace the fingerprints of these texts; returns how many. Memory stays flat."""
    added = 0
    batch: list[Entry] = []
    for entry in entries:
        batch.append(entry)
        if len(batch) == _BATCH:
            added += _add(batch)
            batch = []
    return added + _add(batch)


def mark_released(*, kind: Kind, refs: Sequence[str]) -> int:
    """From now on these texts are held against those of every scope; returns how many are new to that."""
    found = Fingerprint.objects.filter(kind=kind, ref__in=refs, released=False)
    return found.update(released=True)


def remove_fingerprints(*, kind: Kind, refs: Sequence[str]) -> int:
    """Forget these texts; returns how many were known."""
    with transaction.atomic():
        ids = list(
            Fingerprint.objects.filter(kind=kind, ref__in=refs)
            .order_by("pk")
            .select_for_update()
            .values_list("pk", flat=True)
        )
        Band.objects.filter(fingerprint_id__in=ids).delete()
        Run.objects.filter(fingerprint_id__in=ids).delete()
        return Fingerprint.objects.filter(pk__in=ids).delete()[0]


def _add(entries: Sequence[Entry]) -> int:
    latest = {(entry.kind, entry.ref): entry for entry in entries}
    if not latest:
        return 0
    prepared = [(entry, sketch(entry.text)) for entry in latest.values()]
    with transaction.atomic(), connection.cursor() as cursor:
        for kind in {entry.kind for entry in latest.values()}:
            remove_fingerprints(kind=kind, refs=[e.ref for e in latest.values() if e.kind == kind])
        _copy(cursor, prepared)
    return len(prepared)


def _copy(cursor: CursorWrapper, prepared: Sequence[tuple[Entry, Sketch]]) -> None:
    cursor.execute(
        "SELECT nextval(pg_get_serial_sequence('corpus_fingerprint', 'id')) "
        "FROM generate_series(1, %s)",
        [len(prepared)],
    )
    ids = [row[0] for row in cursor.fetchall()]
    now = timezone.now()
    columns = "id, kind, ref, scope, digest, sketch_version, created_at"
    with cursor.copy(f"COPY corpus_fingerprint ({columns}) FROM STDIN") as copy:
        for pk, (entry, prepared_text) in zip(ids, prepared, strict=True):
            row = (pk, entry.kind.value, entry.ref, entry.scope, prepared_text.digest)
            copy.write_row((*row, SKETCH_VERSION, now))
    with cursor.copy("COPY corpus_band (h, fingerprint_id) FROM STDIN") as copy:
        for pk, (_, prepared_text) in zip(ids, prepared, strict=True):
            for band in set(prepared_text.bands):
                copy.write_row((band, pk))
    with cursor.copy("COPY corpus_run (h, fingerprint_id) FROM STDIN") as copy:
        for pk, (entry, prepared_text) in zip(ids, prepared, strict=True):
            if entry.kind == Kind.RESPONSE:
                for run in prepared_text.winnowed:
                    copy.write_row((run, pk))
