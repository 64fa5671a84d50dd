"""A release directory that was touched anywhere does not hold, and the sentence says where."""

import hashlib
import json
import shutil
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from exports import lines, signing
from exports.assembly import FileFact
from exports.formats import FORMATS
from exports.parquet import Shape
from exports.shards import ShardWriter
from exports.verify import verify
from tests.exports.samples import SAMPLES

KEY = Ed25519PrivateKey.generate()


@pytest.fixture(scope="module")
def sealed(tmp_path_factory):
    """A small release, put together by hand from the same parts the builder uses."""
    base = tmp_path_factory.mktemp("release")
    work = tmp_path_factory.mktemp("work")
    writer = ShardWriter(work, Shape(tools=True, masks=True))
    for number, record in enumerate(SAMPLES.values()):
        writer.add({**record.data, "record_id": f"r{number}"})
    writer.close()
    facts = []
    for role, part in writer.parts().items():
        path = {
            "records": "records/train-00000-of-00001.jsonl",
            "data": "data/train-00000-of-00001.parquet",
            "objects": "objects/train-00000-of-00001.parquet",
        }.get(role) or next(f"formats/{f.slug}/train.{f.suffix}" for f in FORMATS if f.slug == role)
        if not part.rows or path.endswith((".json", ".csv")):
            continue
        (base / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.move(part.path, base / path)
        facts.append(FileFact(path, part.sha256, part.bytes, part.records, part.rows, "train"))
    (base / "README.md").write_bytes(b"# Card\n")
    facts.append(FileFact("README.md", hashlib.sha256(b"# Card\n").hexdigest(), 7))
    seal(
        base,
        {
            "records": len(SAMPLES),
            "splits": {"train": len(SAMPLES)},
            "files": [fact.as_dict() for fact in facts],
        },
    )
    return base


def seal(base, manifest, key=KEY):
    content = lines.document(manifest)
    (base / "manifest.json").write_bytes(content)
    (base / "manifest.sig").write_bytes(signing.signature_file(content, key))


@pytest.fixture
def release(sealed, tmp_path):
    return Path(shutil.copytree(sealed, tmp_path / "copy"))


def faults(base, **options):
    return verify(base, KEY.public_key(), **options).faults


def test_an_untouched_release_holds_in_every_record(release):
    verdict = verify(release, KEY.public_key(), contents=True)
    assert verdict.faults == []
    assert verdict.records == len(SAMPLES)


def test_every_single_file_is_guarded(release):
    for path in sorted(p for p in release.rglob("*") if p.is_file()):
        before = path.read_bytes()
        path.write_bytes(bytes([before[0] ^ 1]) + before[1:])
        assert faults(release), path
        path.write_bytes(before + b"\n")
        assert faults(release), path
        path.unlink()
        assert faults(release), path
        path.write_bytes(before)
    assert faults(release) == []


def test_added_files_folders_and_links_are_seen(release):
    (release / "extra.txt").write_text("x")
    assert faults(release) == ["extra.txt is not in the manifest."]
    (release / "extra.txt").unlink()
    (release / "empty").mkdir()
    assert "empty folder" in faults(release)[0]
    (release / "empty").rmdir()
    (release / "link.md").symlink_to(release / "README.md")
    assert any("link" in fault for fault in faults(release))


def changed(release, **parts):
    told = json.loads((release / "manifest.json").read_text())
    return told | parts


def test_a_manifest_changed_without_the_key_does_not_hold(release):
    content = lines.document(changed(release, records=1))
    (release / "manifest.json").write_bytes(content)
    assert faults(release) == ["The signature in manifest.sig does not match manifest.json."]


def test_a_manifest_signed_with_another_key_does_not_hold(release):
    seal(release, changed(release), Ed25519PrivateKey.generate())
    assert faults(release) == ["manifest.sig was made with another key than the one given."]


def test_wrong_counts_do_not_hold_even_when_signed(release):
    seal(release, changed(release, splits={"train": 3}))
    assert any("the manifest says 3" in fault for fault in faults(release))
    told = changed(release, splits={"train": len(SAMPLES)})
    for entry in told["files"]:
        if "rows" in entry:
            entry["rows"] += 1
    seal(release, told)
    assert any("rows; the manifest says" in fault for fault in faults(release))


def test_a_broken_report_is_named_by_itself(release):
    content = b'{"formats": {'
    (release / "formats/report.json").write_bytes(content)
    told = changed(release)
    digest = hashlib.sha256(content).hexdigest()
    told["files"].append({"path": "formats/report.json", "sha256": digest, "bytes": len(content)})
    seal(release, told)
    assert faults(release) == ["formats/report.json is not JSON."]


def test_a_path_that_leads_outside_does_not_hold(release):
    told = changed(release)
    told["files"].append({"path": "../outside", "sha256": "0" * 64, "bytes": 0})
    seal(release, told)
    assert any("outside the directory" in fault for fault in faults(release))


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"\xff", b'{"algorithm":"ed25519"}'])
def test_a_broken_signature_file_is_one_sentence(release, content):
    (release / "manifest.sig").write_bytes(content)
    assert len(faults(release)) == 1


def test_a_directory_that_is_none(tmp_path):
    assert "not a directory" in faults(tmp_path / "nothing")[0]
    assert len(faults(tmp_path)) == 2
