"""Protected sets: imported as hashes, met wherever they stand."""

import gzip
import json
import random

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from checks.types import Where
from corpus.errors import KeyChanged, KeyMissing
from corpus.models import ProtectedItem, ProtectedSet
from corpus.queries import protected_hits
from corpus.services.import_protected import import_protected
from tests.checks import labelled

pytestmark = pytest.mark.django_db


@pytest.fixture
def items():
    rng = random.Random(5)
    return [labelled.passage(rng, rng.randint(13, 40)) for _ in range(40)] + [
        "What colour is snow?"
    ]


@pytest.fixture
def benchmark(tmp_path, items):
    path = tmp_path / "bench.jsonl"
    path.write_text("\n".join(json.dumps({"question": text, "answer": "x"}) for text in items))
    import_protected(path=path, name="bench")
    return path


def met(text, where=None):
    where = where or Where("response", 0, 0, len(text), "assistant")
    return {(hit.benchmark, hit.item) for hit in protected_hits([(where, text)])}


@pytest.mark.parametrize(
    "placing", ["alone", "embedded", "quoted", "upper case", "HTML-escaped", "JSON-escaped"]
)
def test_whole_items_are_met(benchmark, items, placing):
    rng = random.Random(6)
    for number, item in enumerate(items[:40], 1):
        assert ("bench", str(number)) in met(labelled.PLACED[placing](rng, item))


def test_a_short_item_must_stand_alone(benchmark):
    assert met("Tell me.\nWhat colour is snow?\nThanks.") == {("bench", "41")}
    assert not met("He asked what colour is snow when it melts in spring and why that is so.")


def test_clean_texts_meet_nothing(benchmark):
    rng = random.Random(7)
    assert not [t for t in (labelled.passage(rng, 120) for _ in range(100)) if met(t)]


def test_the_place_is_told_exactly(benchmark, items):
    text = f"Before it. {items[0]} After it."
    (hit,) = protected_hits([(Where("instruction", 2, 0, len(text), "tool"), text)])
    assert (hit.where.role, hit.where.message, hit.coverage) == ("tool", 2, 1.0)
    assert text[hit.where.start : hit.where.end] == items[0].rstrip(".")


def test_templates_of_a_benchmark_prove_nothing(tmp_path):
    rng = random.Random(8)
    frame = (
        "Write a function to find the following value for the given list of integers and return it"
    )
    path = tmp_path / "frames.jsonl"
    path.write_text(
        "\n".join(json.dumps({"text": f"{frame} {labelled.sentence(rng)}"}) for _ in range(12))
    )
    import_protected(path=path, name="frames")
    assert not met(
        f"{frame}: the mean of all odd squares below a limit that the caller may choose."
    )


def test_no_text_of_an_item_is_stored(benchmark, items):
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(t::text, ' ') FROM corpus_protecteditem t")
        stored = cursor.fetchone()[0]
    assert not any(word in stored for word in items[0].split() if len(word) > 5)


def test_another_key_is_refused(benchmark, settings):
    settings.FINGERPRINT_KEY = "quite another key of this place"
    with pytest.raises(KeyChanged):
        met("anything")


def test_a_missing_key_is_refused(tmp_path, settings):
    settings.FINGERPRINT_KEY = ""
    (tmp_path / "b.jsonl").write_text('{"question": "Who?"}')
    with pytest.raises(KeyMissing):
        import_protected(path=tmp_path / "b.jsonl", name="b")


def test_importing_again_replaces(benchmark):
    import_protected(path=benchmark, name="bench")
    assert ProtectedSet.objects.count() == 1
    assert ProtectedItem.objects.count() == 41


@pytest.mark.parametrize("suffix", [".jsonl", ".json", ".csv", ".jsonl.gz"])
def test_files_of_every_kind(tmp_path, capsys, suffix):
    rows = [
        {"key": f"k{i}", "prompt": f"{i} is the first of {i + 1} things that one may count"}
        for i in range(3)
    ]
    lines = "\n".join(map(json.dumps, rows)).encode()
    data = {
        ".jsonl": lines,
        ".json": json.dumps(rows).encode(),
        ".jsonl.gz": gzip.compress(lines),
        ".csv": ("key,prompt\n" + "\n".join(f"{r['key']},{r['prompt']}" for r in rows)).encode(),
    }[suffix]
    path = tmp_path / f"set{suffix}"
    path.write_bytes(data)
    call_command("import_protected", str(path), "--name", "set")
    assert "set: 3 items protected" in capsys.readouterr().out
    assert set(ProtectedItem.objects.values_list("name", flat=True)) == {"k0", "k1", "k2"}


def test_a_field_that_is_not_there_is_told(benchmark):
    with pytest.raises(CommandError, match="no field 'nothing'"):
        call_command("import_protected", str(benchmark), "--name", "b", "--field", "nothing")
    with pytest.raises(CommandError, match="There is no file"):
        call_command("import_protected", "nowhere.jsonl", "--name", "b")
