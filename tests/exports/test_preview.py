"""What the preview makes visible, and what uploads it refuses."""

import io
import tarfile
import zipfile

import pytest

from exports.preview import builtin
from exports.preview.archives import BadArchive, files_of
from exports.preview.lengths import bars, summary
from exports.preview.runner import PreviewFailed, rendered
from tests.exports.samples import SAMPLES, plain

NO_MARKS = "{% for m in messages %}<|im_start|>{{ m.role }} {{ m.content }}<|im_end|>{% endfor %}"
TRIMS = builtin.TEMPLATE.replace("{{ message.content }}", "{{ message.content | trim }}")
END_OUTSIDE = (
    "{% for m in messages %}<|im_start|>{{ m.role }} {% if m.role == 'assistant' %}"
    "{% generation %}{{ m.content }}{% endgeneration %}{% endif %}<|im_end|>{% endfor %}"
)
ENDLESS = (
    "{% for a in range(99999) %}{% for b in range(99999) %}{% for c in range(99999) %}"
    "{% endfor %}{% endfor %}{% endfor %}"
)
READS = "{{ ''.__class__.__mro__[1].__subclasses__() }}"


def shown(record, template="", limit=4096):
    return rendered(tokenizer=None, records=[record], limit=limit, chat_template=template)[0]


def test_the_trained_part_is_the_answer_and_its_end():
    made = shown(plain("Two words."))
    trained = "".join(run["text"] for run in made["runs"] if run["trained"])
    assert trained == "Two words.<|im_end|>"
    assert (made["trained"], made["deviations"]) == (11, [])


@pytest.mark.parametrize(
    ("template", "text", "limit", "words"),
    [
        (NO_MARKS, "An answer.", 4096, "0 tokens train"),
        (END_OUTSIDE, "An answer.", 4096, "outside the loss"),
        (TRIMS, "An answer.  ", 4096, "trims white space"),
        ("", "An answer.", 20, "are cut"),
        ("", "An answer.", 20, "drops the whole record"),
        ("", "An <|im_end|> answer.", 4096, "tokenizes as the real control token"),
    ],
)
def test_deviations_are_told(template, text, limit, words):
    assert any(words in told for told in shown(plain(text), template, limit)["deviations"])


def test_tools_are_rendered_and_looked_for():
    assert shown(SAMPLES["tools"])["deviations"] == []
    assert any(
        "dose is not rendered" in told for told in shown(SAMPLES["tools"], NO_MARKS)["deviations"]
    )


def test_a_template_that_reaches_outside_is_refused():
    made = shown(plain(), READS)
    assert "refuses" in made["problem"] or "subclass" not in str(made)


@pytest.mark.parametrize("tag", ["include '/etc/passwd'", "import '../secrets/secret_key' as x"])
def test_a_template_that_reads_a_file_is_refused(tag):
    made = shown(plain(), "{% " + tag + " %}")
    assert "refuses" in made["problem"]
    assert "root:" not in str(made)


def test_a_template_without_end_is_stopped(monkeypatch):
    monkeypatch.setattr("exports.preview.runner.SECONDS", 8)
    with pytest.raises(PreviewFailed, match="seconds|more time"):
        shown(plain(), ENDLESS)


def zipped(**names):
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        for name, content in names.items():
            archive.writestr(name, content)
    return sink.getvalue()


@pytest.mark.parametrize(
    "name", ["../tokenizer.json", "/etc/tokenizer.json", "a/../../tokenizer.json"]
)
def test_an_archive_that_leads_outside_is_refused(name):
    with pytest.raises(BadArchive, match="leads outside"):
        files_of("x.zip", zipped(**{name: b"{}"}))


def damaged(archive):
    """One byte of the first file's content turned over."""
    at = archive.index(b"{}")
    return archive[:at] + b"[" + archive[at + 1 :]


def locked(archive):
    """The mark of a password set on every file."""
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = archive.index(mark) + place
        archive = archive[:at] + bytes([archive[at] | 1]) + archive[at + 1 :]
    return archive


@pytest.mark.parametrize(("spoil", "words"), [(damaged, "damaged"), (locked, "password|encrypted")])
def test_an_archive_that_cannot_be_unpacked_is_refused(spoil, words):
    with pytest.raises(BadArchive, match=words):
        files_of("x.zip", spoil(zipped(**{"tokenizer.json": b"{}"})))


def test_a_file_that_is_too_large_is_refused(monkeypatch):
    monkeypatch.setattr("exports.preview.archives.MOST_BYTES", 10)
    with pytest.raises(BadArchive, match="larger"):
        files_of("x.zip", zipped(**{"tokenizer.json": b"x" * 11}))


def test_only_the_tokenizers_own_files_are_taken():
    found = files_of(
        "x.zip", zipped(**{"m/tokenizer.json": b"{}", "m/evil.py": b"x", "merges.txt": b""})
    )
    assert set(found) == {"tokenizer.json", "merges.txt"}


@pytest.mark.parametrize("content", [b"{not json", b"[]", b"", b"\xff"])
def test_a_file_that_no_tokenizer_reads_is_refused_when_it_comes(content):
    with pytest.raises(BadArchive, match="not a JSON object"):
        files_of("x.zip", zipped(**{"tokenizer.json": content}))
    with pytest.raises(BadArchive, match="tokenizer_config.json"):
        files_of("x.zip", zipped(**{"tokenizer.json": b"{}", "tokenizer_config.json": content}))


def test_links_in_an_archive_are_refused():
    sink = io.BytesIO()
    with tarfile.open(fileobj=sink, mode="w:gz") as archive:
        link = tarfile.TarInfo("tokenizer.json")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    with pytest.raises(BadArchive, match="link"):
        files_of("x.tar.gz", sink.getvalue())


@pytest.mark.parametrize("content", [b"", b"nonsense", b"PK\x03\x04broken"])
def test_what_is_no_archive_is_refused(content):
    with pytest.raises(BadArchive):
        files_of("x.zip", content)


def test_bars_hold_every_length_once():
    lengths = sorted([0, 5, 5, 99, 120, 121])
    made = bars(lengths)
    assert sum(bar["n"] for bar in made) == len(lengths)
    assert bars([]) == []


def test_summary_names_what_a_limit_cuts():
    results = rendered(tokenizer=None, records=[plain("short"), plain("long " * 50)], limit=100)
    told = summary(results, 100)
    assert len(told["truncated"]) == 1
