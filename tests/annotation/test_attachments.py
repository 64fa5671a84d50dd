"""Images and PDFs of instructions: from a folder or a ZIP to the page and into a release."""

import hashlib
import io
import json
import struct
import zipfile
import zlib

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from annotation import attachments
from annotation.importing.files import LARGEST_DIRECTORY, Archive, Files, Folder
from annotation.importing.rows import FileRefused, RowRefused
from annotation.models import ImportRun, Instruction
from exports import store
from exports.errors import BuildStopped
from exports.services import finish
from tests.annotation.test_import_instructions import run
from tests.factories.annotation import InstructionFactory, TaskFactory, submitted
from tests.factories.experts import person_with


def png(width=2, height=2):
    """A real picture, red."""

    def chunk(kind, data):
        crc = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", crc)

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = zlib.compress((b"\x00" + b"\xff\x00\x00" * width) * height)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    )


def pdf(words="Take one a day"):
    """A real document of one page."""
    drawn = f"BT /F1 18 Tf 20 100 Td ({words}) Tj ET".encode()
    parts = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]/Contents 4 0 R"
        b"/Resources<</Font<</F1<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(drawn), drawn),
    ]
    made, places = b"%PDF-1.4\n", []
    for number, part in enumerate(parts, 1):
        places.append(len(made))
        made += b"%d 0 obj%s\nendobj\n" % (number, part)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    start = len(made)
    made += b"xref\n0 5\n0000000000 65535 f \n" + table
    return made + b"trailer<</Size 5/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % start


def packed(**files):
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in files.items():
            made.writestr(name, data)
    return raw


def kept_bytes(facts):
    with attachments.open_kept(facts["sha256"]) as file:
        return file.read()


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "files"
    (place / "figures").mkdir(parents=True)
    (place / "figures" / "scan.png").write_bytes(png())
    (place / "leaflet.pdf").write_bytes(pdf())
    (place / "notes.txt").write_text("not a picture")
    (place / "page.png").write_text("<html><script>alert(1)</script></html>")
    (tmp_path / "secret.png").write_bytes(png())
    (place / "out.png").symlink_to(tmp_path / "secret.png")
    return place


@pytest.fixture
def rows(tmp_path):
    def written(*named):
        path = tmp_path / "rows.jsonl"
        lines = [{"prompt": f"Question {n}?", "images": one} for n, one in enumerate(named)]
        path.write_text("".join(json.dumps(line) + "\n" for line in lines))
        return path

    return written


def test_a_folder_of_files_comes_with_the_rows(studio, folder, rows):
    said = {"path": "figures/scan.png", "description": "A red square"}
    out, _ = run(
        rows([said, "leaflet.pdf"], ["leaflet.pdf"]), studio.project,
        "--set", "domain=medicine", "--attachments", str(folder),
    )  # fmt: skip
    assert "added: 2" in out
    first, second = Instruction.objects.order_by("id")
    scan, leaflet = first.attachments
    assert (scan["mime"], scan["name"], scan["description"]) == (
        "image/png", "scan.png", "A red square",
    )  # fmt: skip
    assert (leaflet["mime"], leaflet["bytes"]) == ("application/pdf", len(pdf()))
    assert second.attachments == [leaflet]
    assert kept_bytes(scan) == png()
    assert len(default_storage.listdir("attachments")[1]) == 2


def test_a_dry_run_keeps_nothing(studio, folder, rows):
    run(
        rows("leaflet.pdf"), studio.project,
        "--set", "domain=medicine", "--attachments", str(folder), "--dry-run",
    )  # fmt: skip
    assert not default_storage.exists("attachments")


def test_the_same_question_about_another_picture_is_another_question(studio, folder, tmp_path):
    (folder / "other.png").write_bytes(png(3, 3))
    path = tmp_path / "rows.jsonl"
    lines = [{"prompt": "What is this?", "image": one} for one in ("other.png", "figures/scan.png")]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    options = ("--set", "domain=medicine", "--attachments", str(folder))
    assert "added: 2" in run(path, studio.project, *options)[0]
    assert "already there: 2" in run(path, studio.project, *options)[0]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("../secret.png", "inside the folder"),
        ("/etc/hostname.png", "inside the folder"),
        ("C:\\secret.png", "inside the folder"),
        ("figures/../../secret.png", "inside the folder"),
        ("out.png", "leads out"),
        ("missing.png", "no such file"),
        ("figures", "no such file"),
        ("notes.txt", "neither an image"),
        ("page.png", "neither an image"),
        ("x" * 300 + ".png", "no such file"),
    ],
)
def test_names_that_lead_nowhere_good_are_refused(folder, name, reason):
    with pytest.raises(RowRefused, match=reason):
        Files(Folder(folder), attachments.facts_of).facts(name)


def test_rows_that_name_files_are_refused_where_none_came_along(studio, rows):
    _, err = run(rows("scan.png"), studio.project, "--set", "domain=medicine")
    assert "no files came with the rows" in err
    assert not Instruction.objects.exists()


def test_an_archive_with_or_without_a_folder_around_it():
    for name in ("scan.png", "all/scan.png"):
        files = Files(Archive(packed(**{name: png()})), attachments.facts_of)
        assert files.facts("scan.png")["mime"] == "image/png"


def test_archives_made_to_do_harm_are_refused():
    bomb = Files(Archive(packed(**{"a.png": png()[:8] + bytes(40 << 20)})), attachments.facts_of)
    with pytest.raises(RowRefused, match="unpacks to more"):
        bomb.facts("a.png")
    lying = packed(**{"a.png": png()}).getvalue()
    at = lying.rfind(b"PK\x05\x06")
    crowded = lying[: at + 12] + struct.pack("<I", LARGEST_DIRECTORY + 1) + lying[at + 16 :]
    for broken in (b"no zip at all", b"", crowded):
        with pytest.raises(FileRefused):
            Archive(io.BytesIO(broken))
    damaged = bytearray(lying)
    damaged[60:70] = b"x" * 10
    with pytest.raises(RowRefused, match="damaged"):
        Files(Archive(io.BytesIO(bytes(damaged))), attachments.facts_of).facts("a.png")


def test_what_is_larger_than_a_page_should_show_is_refused():
    with pytest.raises(attachments.AttachmentRefused, match="25 MB"):
        attachments.keep(png() + bytes(attachments.LARGEST))


def test_the_page_takes_a_zip_beside_the_rows(studio, client, django_capture_on_commit_callbacks):
    client.force_login(studio.lead)
    rows = b"question,image\nWhat is it?,scan.png\nAnd this?,none.png\n"
    sent = {
        "file": SimpleUploadedFile("rows.csv", rows),
        "files": SimpleUploadedFile("files.zip", packed(**{"scan.png": png()}).getvalue()),
    }
    client.post(reverse("projects:imports", args=[studio.project.slug]), sent)
    page = reverse("projects:import", args=[studio.project.slug, ImportRun.objects.get().pk])
    matched = {
        "action": "check", "column-instruction": "question", "column-attachments": "image",
        "all-domain": "medicine", "all-language": "en",
    }  # fmt: skip
    for step in (matched, {"action": "import"}):
        with django_capture_on_commit_callbacks(execute=True):
            client.post(page, step)
    assert ImportRun.objects.get().refusals.get().reason == "There is no such file in the ZIP."
    (kept,) = Instruction.objects.get().attachments
    assert kept_bytes(kept) == png()


def test_the_page_refuses_what_is_no_zip(studio, client):
    client.force_login(studio.lead)
    sent = {
        "file": SimpleUploadedFile("rows.csv", b"question\nWhy?\n"),
        "files": SimpleUploadedFile("files.zip", b"not a zip"),
    }
    answer = client.post(reverse("projects:imports", args=[studio.project.slug]), sent)
    assert answer.status_code == 422
    assert "This is no ZIP." in answer.content.decode()
    assert not ImportRun.objects.exists()


@pytest.fixture
def shown(studio):
    files = [
        attachments.keep(png()) | {"name": "scan.png", "description": "A red square"},
        attachments.keep(pdf()) | {"name": "leaflet.pdf"},
    ]
    return InstructionFactory(project=studio.project, domain=studio.domain, attachments=files)


def test_writers_and_reviewers_see_them(studio, shown, client):
    task = TaskFactory(instruction=shown)
    submitted(task, studio.writer)
    for person, page in (
        (studio.writer, f"/write/{task.pk}/"),
        (studio.lead, reverse("projects:instruction", args=[studio.project.slug, shown.pk])),
    ):
        client.force_login(person)
        html = client.get(page).content.decode()
        assert 'alt="A red square"' in html
        assert 'title="leaflet.pdf"' in html


def test_a_file_is_shown_safely_and_to_the_project_only(studio, shown, client):
    for facts, data in zip(shown.attachments, (png(), pdf()), strict=True):
        address = reverse("write:attachment", args=[shown.pk, facts["sha256"]])
        client.force_login(studio.writer)
        answer = client.get(address)
        assert answer.getvalue() == data
        assert answer["Content-Type"] == facts["mime"]
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["X-Frame-Options"] == "SAMEORIGIN"
        assert "frame-ancestors 'self'" in answer["Content-Security-Policy"]
        client.force_login(person_with(InstructionFactory().project, "writer"))
        assert client.get(address).status_code == 404
    client.force_login(studio.writer)
    elsewhere = reverse("write:attachment", args=[shown.pk, "0" * 64])
    assert client.get(elsewhere).status_code == 404


def test_a_kind_that_could_run_is_handed_over_as_a_file(studio, client):
    digest = "f" * 64
    default_storage.save(f"attachments/{digest}", io.BytesIO(b"<svg onload=alert(1)>"))
    facts = [{"sha256": digest, "mime": "image/svg+xml", "bytes": 21, "name": "x.svg"}]
    instruction = InstructionFactory(project=studio.project, attachments=facts)
    client.force_login(studio.writer)
    answer = client.get(reverse("write:attachment", args=[instruction.pk, digest]))
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer.getvalue()


def test_a_release_takes_the_file_along(db, monkeypatch):
    kept = attachments.keep(pdf("For a release"))
    monkeypatch.setattr(
        finish.queries, "attachment_digests", lambda release: iter([kept["sha256"]])
    )
    (file,) = finish.attachments(None)
    assert file.fact.path == f"attachments/{kept['sha256']}"
    assert (file.fact.sha256, file.fact.bytes) == (kept["sha256"], kept["bytes"])
    assert b"".join(store.read(file.chunks)) == pdf("For a release")


def test_a_release_takes_the_run_of_an_agent_along_as_it_was_written(db, monkeypatch):
    run = b'{"traj":\r\n [ ]}'
    digest = hashlib.sha256(run).hexdigest()
    default_storage.save(f"native/{digest}", io.BytesIO(run))
    monkeypatch.setattr(finish.queries, "attachment_digests", lambda release: iter([digest]))
    (file,) = finish.attachments(None)
    assert file.fact.path == f"attachments/{digest}"
    assert b"".join(store.read(file.chunks)) == run


def test_a_release_without_its_file_stops_and_says_so(db, monkeypatch):
    monkeypatch.setattr(finish.queries, "attachment_digests", lambda release: iter(["0" * 64]))
    with pytest.raises(BuildStopped, match="not in the store"):
        list(finish.attachments(None))


def test_a_damaged_file_gets_into_no_release(db, monkeypatch):
    kept = attachments.keep(png(5, 5))
    default_storage.delete(f"attachments/{kept['sha256']}")
    default_storage.save(f"attachments/{kept['sha256']}", io.BytesIO(png(6, 6)))
    monkeypatch.setattr(
        finish.queries, "attachment_digests", lambda release: iter([kept["sha256"]])
    )
    with pytest.raises(BuildStopped, match="damaged"):
        list(finish.attachments(None))
