"""The checks on one response, and look-ups among very many known texts and protected runs."""

import io
import random
import tempfile
from contextlib import contextmanager

import orjson
from django.core.management import call_command
from django.db import connection

from annotation.models import Instruction
from annotation.services.look_up import know_instructions
from checks import format_spec
from checks.runner import run
from checks.sketch import SKETCH_VERSION, sketch
from checks.types import Message, Subject, Where
from corpus.enums import Kind
from corpus.keys import hasher, key_check
from corpus.models import ProtectedSet
from corpus.queries import protected_hits, similar
from corpus.services.add_fingerprints import Entry, add_fingerprints
from tests.bench.cases.importing import jobs_queued
from tests.bench.crowd import timed_crowd
from tests.bench.measure import Row, select_probe, timed
from tests.checks import measures
from tests.checks.labelled import passage
from tests.factories.annotation import ProjectVersionFactory
from tests.factories.experts import DomainFactory

_REAL = 500
_TIMES = 200


def passes(size, label):
    """All checks on 400 words, look-ups left out; the dearest check by name."""
    rng = random.Random(1)
    spent = {}

    def look(text):
        subject = Subject(
            target={"kind": "text", "messages": [{"role": "assistant", "content": text}]},
            instruction=(Message("user", passage(rng, 60)),),
            evidence=(passage(rng, 200),),
            format_spec=format_spec.defaults(),
            language="en",
        )

        def note(timing):
            spent[timing.check] = spent.get(timing.check, 0.0) + timing.seconds

        run(subject, timings=note)

    texts = [passage(rng, 400) for _ in range(_TIMES)]
    look(texts[0])
    spent.clear()  # the first pass loads the language model
    timing = timed(look, texts)
    dearest = max(spent, key=spent.get)
    yield Row(
        case="checks.pass",
        size=label,
        clients=1,
        value=timing.rate,
        unit="per second",
        p50_ms=timing.p50_ms,
        p95_ms=timing.p95_ms,
        probe=f"dearest: {dearest}, {1000 * spent[dearest] / _TIMES:.1f} ms",
    )


def look_ups(size, label):
    """`size` fingerprints, of which 500 are of real passages and the rest random hashes."""
    rng = random.Random(2)
    texts = [passage(rng, 150) for _ in range(_REAL)]
    add_fingerprints(
        entries=(Entry(Kind.RESPONSE, f"task:{n}", "project:1", t) for n, t in enumerate(texts))
    )
    with loaded("corpus_fingerprint", "corpus_band", "corpus_run") as cursor:
        cursor.execute(_FINGERPRINTS, [SKETCH_VERSION, size - _REAL])
    probe = select_probe("corpus_fingerprint", _TIMES)
    asked = [texts[rng.randrange(_REAL)] + " And so on." for _ in range(_TIMES)]
    prepared = [
        sketch(text) for text in asked
    ]  # made once, with the text; the look-up is what is timed
    assert all(p.bands and p.winnowed for p in prepared)
    similar(asked[0], kind=Kind.RESPONSE)
    timing = timed(lambda text: similar(text, kind=Kind.RESPONSE), asked)
    yield Row.of("neardup.lookup", label, timing, probe="indexed SELECT", probe_timing=probe)
    yield _size("neardup.index", label, "corpus_fingerprint corpus_band corpus_run", size)


_CHECKED = 8_000
_RANGE = 100


def checked_import(size, label):
    """Instructions that were just imported made known and looked at by all look-ups, `size` known before:
    on one worker, then as many on two."""
    rng = random.Random(4)
    project = ProjectVersionFactory().project
    DomainFactory()
    count = min(size, _CHECKED)
    if size > count:
        with connection.cursor() as cursor:
            cursor.execute(
                _FINGERPRINTS.replace("'response'", "'instruction'"), [SKETCH_VERSION, size - count]
            )
            cursor.execute("ANALYZE corpus_fingerprint, corpus_band, corpus_run")
    made = ProtectedSet.objects.create(name="bench", gram_version=1, key_check=key_check())
    with connection.cursor() as cursor:
        cursor.execute(_ITEMS, [made.pk, 2_000])
    with tempfile.NamedTemporaryFile(suffix=".jsonl") as file:
        for number in range(count):
            message = {"role": "user", "content": passage(rng, 40)}
            row = {"id": f"row-{number}", "messages": [message], "domain": "medicine"}
            file.write(orjson.dumps(row) + b"\n")
        file.flush()
        with jobs_queued():
            call_command(
                "import_instructions", file.name, project=project.slug, stdout=io.StringIO()
            )
    keys = list(Instruction.objects.order_by("pk").values_list("pk", flat=True))
    ranges = [(keys[i], keys[min(i + _RANGE, len(keys)) - 1]) for i in range(0, len(keys), _RANGE)]
    half = len(ranges) // 2
    rates = {}
    for workers, wanted in ((1, ranges[:half]), (2, ranges[half:])):
        timing, _ = timed_crowd(lambda between: _know(project.pk, between), wanted, workers)
        rates[workers] = _RANGE * timing.rate
        yield Row(
            case="import.checked",
            size=label,
            clients=workers,
            value=rates[workers],
            unit="rows per second",
            probe="one worker" if workers > 1 else "",
            ratio=rates[workers] / rates[1],
        )


def _know(project_id, between):
    """As the job does for one batch of an import."""
    first, last = between
    while reached := know_instructions(project_id=project_id, first=first, last=last):
        first = reached + 1


def measured(size, label):
    """Recall and precision on the labelled sets, with their intervals; the same whatever the size."""
    if size > 10_000:
        return
    recall, precision, _ = measures.near_duplicates()
    places, clean = measures.contamination()
    goals = {
        "duplicate.found": ("copies that differ by form", measures.normalised()),
        "near_duplicate.found": ("copies at Jaccard 0.8 or more", recall),
        "near_duplicate.right": ("flagged pairs that are copies", precision),
        "template.let_pass": ("rows of one template", measures.templates()),
        "contamination.found": ("whole items of 13 words or more", places["embedded"]),
        "contamination.wrong": ("clean rows flagged", clean),
    }
    for name, (what, score) in goals.items():
        low, high = score.interval
        yield Row(
            case=f"measured.{name}",
            size=label,
            clients=1,
            value=score.rate,
            unit=f"of {score.trials} {what}",
            probe=f"95 %: {low:.3f} to {high:.3f}",
        )


def contamination(size, label):
    """`size` protected items of 40 runs each."""
    rng = random.Random(3)
    made = ProtectedSet.objects.create(name="bench", gram_version=1, key_check=key_check())
    with loaded("corpus_protecteditem", "corpus_protectedgram") as cursor:
        cursor.execute(_ITEMS, [made.pk, size])
    probe = select_probe("corpus_protecteditem", _TIMES)
    texts = [passage(rng, 150) for _ in range(_TIMES)]
    hasher()
    place = Where("response", 0)
    timing = timed(lambda text: protected_hits([(place, text)]), texts)
    yield Row.of("contamination.lookup", label, timing, probe="indexed SELECT", probe_timing=probe)
    yield _size("contamination.index", label, "corpus_protecteditem corpus_protectedgram", size)


def _size(case, label, tables, rows):
    """Bytes on disk for each row, indexes included."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sum(pg_total_relation_size(t::regclass)) FROM unnest(%s::text[]) t",
            [tables.split()],
        )
        total = int(cursor.fetchone()[0])
    return Row(case=case, size=label, clients=1, value=total / rows, unit="bytes a row")


@contextmanager
def loaded(*tables):
    """A cursor for filling tables, whose indexes are made at the end, as they were: tens of millions of
    rows come in minutes, and the indexes are those of production."""
    with connection.cursor() as cursor:
        cursor.execute("SET maintenance_work_mem = '1GB'")
        cursor.execute(_INDEXES, [list(tables)])
        indexes = cursor.fetchall()
        for drop, _ in indexes:
            cursor.execute(drop)
        yield cursor
        for _, create in indexes:
            cursor.execute(create)
        cursor.execute("RESET maintenance_work_mem")
        cursor.execute(f"ANALYZE {', '.join(tables)}")


# How to drop each index, and how to make it again; primary keys that others refer to stay.
_INDEXES = """
SELECT
  CASE WHEN owner.oid IS NULL THEN format('DROP INDEX %%I', indexed.relname)
    ELSE format('ALTER TABLE %%I DROP CONSTRAINT %%I', filled.relname, owner.conname) END,
  CASE WHEN owner.oid IS NULL THEN pg_get_indexdef(indexed.oid)
    ELSE format('ALTER TABLE %%I ADD CONSTRAINT %%I %%s', filled.relname, owner.conname,
                pg_get_constraintdef(owner.oid)) END
FROM pg_index AS made
JOIN pg_class AS indexed ON indexed.oid = made.indexrelid
JOIN pg_class AS filled ON filled.oid = made.indrelid
LEFT JOIN pg_constraint AS owner ON owner.conindid = made.indexrelid AND owner.conrelid = filled.oid
WHERE filled.relname = ANY(%s)
  AND NOT EXISTS (
    SELECT 1 FROM pg_constraint AS other
    WHERE other.contype = 'f' AND other.conindid = made.indexrelid
  )
ORDER BY indexed.relname
"""
# Each with a seed of its own, so that no two of the tables share a hash but by chance.
_BAND, _RUN, _WHOLE, _GRAM = (f"hashint8extended(%s, {seed})" for seed in (1, 2, 3, 4))
_FINGERPRINTS = f"""
WITH made AS (
  INSERT INTO corpus_fingerprint (kind, ref, scope, digest, sketch_version, created_at)
  SELECT 'response', 'task:' || (1000000 + n), 'project:1', sha256(n::text::bytea), %s, now()
  FROM generate_series(1, %s) AS n RETURNING id
), bands AS (
  INSERT INTO corpus_band (h, fingerprint_id)
  SELECT {_BAND % "64 * id + n"}, id FROM made, generate_series(1, 25) AS n
)
INSERT INTO corpus_run (h, fingerprint_id)
SELECT {_RUN % "64 * id + n"}, id FROM made, generate_series(1, 18) AS n
"""
_ITEMS = f"""
WITH made AS (
  INSERT INTO corpus_protecteditem (protected_set_id, name, tokens, words, own, whole)
  SELECT %s, n::text, 44, 44, 44, {_WHOLE % "n"} FROM generate_series(1, %s) AS n RETURNING id
)
INSERT INTO corpus_protectedgram (h, item_id, position, common)
SELECT {_GRAM % "64 * id + n"}, id, n, false FROM made, generate_series(0, 39) AS n
"""
