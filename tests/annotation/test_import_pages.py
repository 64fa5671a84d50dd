"""A file through the page: upload, match, dry run, import, refusals; left and found again."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from annotation.enums import ImportState
from annotation.models import ImportRun, Instruction
from annotation.services import import_instructions, import_runs
from annotation.services.import_runs import carry_out_import
from lib.errors import IllegalMove

CSV = "id,question,field,answer\na,Why?,medicine,So.\nb,,medicine,x\nc,How?,=Astrology,x\n"


@pytest.fixture
def lead(studio, client):
    client.force_login(studio.lead)
    return studio


@pytest.fixture
def upload(lead, client):
    def sent(content=CSV, name="file.csv"):
        data = content.encode() if isinstance(content, str) else content
        url = reverse("projects:imports", args=[lead.project.slug])
        response = client.post(url, {"file": SimpleUploadedFile(name, data)})
        if response.status_code != 302:
            return response
        return ImportRun.objects.latest("id")

    return sent


def page_of(run):
    return reverse("projects:import", args=[run.project.slug, run.pk])


def matched(client, run, django_capture_on_commit_callbacks, **more):
    with django_capture_on_commit_callbacks(execute=True):
        response = client.post(
            page_of(run),
            {"action": "check", "column-instruction": "question", "column-domain": "field",
             "column-external_id": "id", "all-language": "en", **more},
        )  # fmt: skip
    run.refresh_from_db()
    return response


def test_the_whole_way(upload, client, lead, django_capture_on_commit_callbacks):
    run = upload()
    page = client.get(page_of(run)).content.decode()
    assert "Start the dry run" in page
    assert '<option value="question" selected>' in page
    assert "Left where they are, because responses are written here: answer." in page
    matched(client, run, django_capture_on_commit_callbacks)
    assert (run.state, run.read, run.added, run.refused) == (ImportState.CHECKED, 3, 1, 2)
    assert not Instruction.objects.exists()
    page = client.get(page_of(run)).content.decode()
    assert "Import 1 instruction<" in page
    assert "The instruction is empty." in page
    with django_capture_on_commit_callbacks(execute=True):
        client.post(page_of(run), {"action": "import"})
    run.refresh_from_db()
    assert (run.state, run.added) == (ImportState.DONE, 1)
    assert Instruction.objects.get().created_by == lead.lead
    refused = client.get(reverse("projects:import-refusals", args=[lead.project.slug, run.pk]))
    lines = b"".join(refused.streaming_content).decode().splitlines()
    assert lines[0] == "line,field,reason,value"
    assert lines[2].endswith("'=Astrology")


def test_unknown_words_are_given_a_meaning(
    upload, client, lead, django_capture_on_commit_callbacks
):
    run = upload()
    matched(client, run, django_capture_on_commit_callbacks)
    client.post(page_of(run), {"action": "match"})
    assert "=Astrology" in client.get(page_of(run)).content.decode()
    matched(
        client,
        run,
        django_capture_on_commit_callbacks,
        **{"alias-word": "=Astrology", "alias-path": "medicine"},
    )
    assert (run.added, run.refused) == (2, 1)


def test_an_encoding_is_asked_for_on_the_page(upload, client):
    run = upload(
        "question\nWas ist Übelkeit und wie häufig ist sie? Größe und Länge\n".encode("cp1252")
    )
    page = client.get(page_of(run)).content.decode()
    assert "This file is not UTF-8" in page
    client.post(page_of(run), {"action": "encoding", "encoding": "cp1252"})
    assert "Übelkeit" in client.get(page_of(run)).content.decode()


def test_script_in_a_file_is_shown_and_never_runs(upload, client):
    page = client.get(page_of(upload("question\n<script>alert(1)</script>\n"))).content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_files_that_cannot_be_read_are_refused_with_words(upload, client):
    response = upload("")
    assert response.status_code == 422
    assert "This file is empty." in response.content.decode()
    run = upload("%PDF-1.7", name="paper.pdf")
    assert "This is a PDF document" in client.get(page_of(run)).content.decode()


def test_a_plan_without_instruction_keeps_the_page(
    upload, client, django_capture_on_commit_callbacks
):
    run = upload()
    response = matched(
        client, run, django_capture_on_commit_callbacks, **{"column-instruction": ""}
    )
    assert response.status_code == 422
    assert "No column looks like an instruction" in response.content.decode()
    assert run.state == ImportState.UPLOADED


def test_only_leads_import(upload, client, studio):
    run = upload()
    for person in (studio.writer, studio.expert):
        client.force_login(person)
        assert client.get(page_of(run)).status_code == 403


def test_a_job_that_was_killed_goes_on_where_it_was(
    upload, client, lead, monkeypatch, django_capture_on_commit_callbacks
):
    monkeypatch.setattr(import_instructions, "BATCH", 2)
    lines = "".join(f"q{number},Why {number}?,medicine,x\n" for number in range(7))
    run = upload("id,question,field,answer\n" + lines)
    matched(client, run, django_capture_on_commit_callbacks)
    client.post(page_of(run), {"action": "import"})  # the job itself is not run here
    stored = []

    def killed(**options):
        real = import_instructions.storing(**options)

        def store(drafts):
            if len(stored) == 2:
                raise KeyboardInterrupt
            stored.append(len(drafts))
            return real(drafts)

        return store

    monkeypatch.setattr(import_runs, "storing", killed)
    with pytest.raises(KeyboardInterrupt):
        carry_out_import(run_id=run.pk)
    run.refresh_from_db()
    assert (run.state, run.read, run.added) == (ImportState.RUNNING, 4, 4)
    monkeypatch.setattr(import_runs, "storing", import_instructions.storing)
    carry_out_import(run_id=run.pk)
    run.refresh_from_db()
    assert (run.state, run.read, run.added, run.present) == (ImportState.DONE, 7, 7, 0)


def test_a_run_moves_only_by_the_table(upload, lead):
    with pytest.raises(IllegalMove):
        import_runs.start_import(run_id=upload().pk, actor=lead.lead)


def test_a_late_column_is_told_of_and_can_be_left_out(
    upload, client, lead, django_capture_on_commit_callbacks
):
    rows = [
        {"question": f"Why {number}?", "field": "medicine", "id": str(number)}
        for number in range(55)
    ]
    rows.append(
        {"question": "Why?", "field": "medicine", "id": "x", "evidence": "Here.", "colour": 1}
    )
    run = upload("".join(json.dumps(row) + "\n" for row in rows), "late.jsonl")
    matched(client, run, django_capture_on_commit_callbacks)
    page = client.get(page_of(run)).content.decode()
    assert "“evidence” is taken as: Evidence." in page
    assert "Not used: colour." in page
    client.post(page_of(run), {"action": "match"})
    page = client.get(page_of(run)).content.decode()
    assert '<option value="evidence" selected>' in page
    assert '<option value="colour">' in page
    matched(client, run, django_capture_on_commit_callbacks)
    assert "Not used: evidence, colour." in client.get(page_of(run)).content.decode()
    client.post(page_of(run), {"action": "match"})
    run.refresh_from_db()
    matched(client, run, django_capture_on_commit_callbacks, **{"column-evidence": "evidence"})
    with django_capture_on_commit_callbacks(execute=True):
        client.post(page_of(run), {"action": "import"})
    asked = Instruction.objects.get(external_id="x")
    assert [part["text"] for part in asked.evidence] == ["Here."]
    assert Instruction.objects.count() == 56


def test_tool_names_that_no_release_takes_are_told_before_the_import(
    upload, client, lead, django_capture_on_commit_callbacks
):
    row = {"question": "Why?", "field": "medicine", "id": "x", "tools": [{"name": "weather.get"}]}
    run = upload(json.dumps(row) + "\n", "rows.jsonl")
    matched(client, run, django_capture_on_commit_callbacks, **{"column-tools": "tools"})
    page = client.get(page_of(run)).content.decode()
    assert "Tools with names that no release takes" in page
    assert "<code>weather.get</code>" in page
    client.post(page_of(run), {"action": "match"})
    run.refresh_from_db()
    matched(client, run, django_capture_on_commit_callbacks)
    assert "names that no release takes" not in client.get(page_of(run)).content.decode()


def test_late_evidence_joins_what_is_there_and_can_be_left_out(
    upload, client, lead, django_capture_on_commit_callbacks
):
    rows = [
        {"question": f"Why {number}?", "field": "medicine", "id": str(number), "context": "c"}
        for number in range(55)
    ]
    rows.append(rows[0] | {"question": "How?", "id": "x", "evidence": "Here."})
    run = upload("".join(json.dumps(row) + "\n" for row in rows), "late.jsonl")
    proposed = {"column-evidence": "context"}
    matched(client, run, django_capture_on_commit_callbacks, **proposed)
    assert "“evidence” is taken as: Evidence." in client.get(page_of(run)).content.decode()
    assert run.plan["columns"]["evidence"] == "context + evidence"
    client.post(page_of(run), {"action": "match"})
    assert '"context + evidence" selected' in client.get(page_of(run)).content.decode()
    matched(client, run, django_capture_on_commit_callbacks, **proposed)
    assert "Not used: evidence." in client.get(page_of(run)).content.decode()
    assert run.plan["columns"]["evidence"] == "context"
