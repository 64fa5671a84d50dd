"""Autosave: what the server takes, takes once, and refuses without losing anything."""

import uuid

import orjson
import pytest
from django.db import IntegrityError, transaction

from annotation.errors import DraftIsStale, HandedIn, LogInvalid, NotYourTask
from annotation.models import Assignment, LogBatch
from annotation.services import save_draft as save_draft_module
from annotation.services.claim import take
from annotation.services.release import lapse_leases
from annotation.services.save_draft import save_draft, save_plain
from annotation.services.submit import submit_revision
from annotation.writing_log import Edit, checksum
from tests.factories.annotation import InstructionFactory, TaskFactory
from tests.factories.experts import person_with

SESSION = uuid.UUID("3f6f3c1e-2f5b-4d0a-9a57-0c1f7d0f6a11")


@pytest.fixture
def task(studio):
    task = TaskFactory(instruction=InstructionFactory(project=studio.project, domain=studio.domain))
    take(person=studio.writer, task_id=task.pk)
    return task


def save(
    studio, task, sequence, text="", *, at=0, kind="typed", session=SESSION, person=None, **more
):
    changes = [part for part in (at, [0, *text.split("\n")]) if part != 0]
    return save_draft(
        person=person or studio.writer, task_id=task.pk, sequence=sequence, session=session,
        edits=[Edit("response", 3, 2, kind, changes)] if text else [], **more,
    )  # fmt: skip


def draft(task):
    return Assignment.objects.get(task=task)


def test_batches_become_the_draft(studio, task):
    save(studio, task, 1, "Hello")
    done = save(studio, task, 2, " world", at=5)
    assert draft(task).fields == {"response": "Hello world"}
    assert done.version == 2
    assert done.held


def test_the_same_batch_twice_is_taken_once(studio, task):
    save(studio, task, 1, "Hello")
    assert save(studio, task, 1, "Hello").version == 1
    assert draft(task).fields == {"response": "Hello"}
    assert LogBatch.objects.count() == 1


@pytest.mark.parametrize(
    ("sequence", "session", "text"),
    [
        (1, uuid.uuid4(), "Hello"),
        (1, SESSION, "Other"),
        (3, SESSION, "Hello"),
        (2**20, SESSION, "Hello"),
    ],
)
def test_out_of_order_or_from_elsewhere_is_stale_and_brings_the_newer_text(
    studio, task, sequence, session, text
):
    save(studio, task, 1, "Hello")
    with pytest.raises(DraftIsStale) as refusal:
        save(studio, task, sequence, text, session=session)
    assert refusal.value.data["fields"] == {"response": "Hello"}
    assert refusal.value.data["version"] == 1


def test_a_text_that_differs_from_what_the_page_shows_is_stale(studio, task):
    with pytest.raises(DraftIsStale):
        save(studio, task, 1, "Hello", check={"response": checksum("Hallo")})
    assert draft(task).fields == {}


def test_somebody_else_cannot_save(studio, task):
    other = person_with(studio.project, "writer", domain=studio.domain)
    with pytest.raises(NotYourTask):
        save(studio, task, 1, "Hello", person=other)


@pytest.mark.parametrize("text", ["a\x00b", "half \ud83d pair"])
def test_what_cannot_be_stored_is_refused(studio, task, text):
    with pytest.raises(LogInvalid):
        save(studio, task, 1, text)


@pytest.mark.parametrize("text", ["\x00", "half \ud83d"])
def test_marks_that_cannot_be_stored_are_refused(studio, task, text):
    with pytest.raises(LogInvalid):
        save(studio, task, 1, "Hello", extras={"note": text})
    save(studio, task, 1, "Hello", extras={"note": "a backslash, \\u0000, is only text"})
    assert draft(task).extras["note"] == "a backslash, \\u0000, is only text"


def test_of_two_that_read_the_same_draft_the_second_looks_again(studio, task, monkeypatch):
    """Another page saves between the reading and the writing of this one."""
    save(studio, task, 1, "Hello")
    read, calls = save_draft_module._draft_of, []

    def slow(person, task_id):
        found = read(person, task_id)
        if not calls:
            calls.append(1)
            save(studio, task, 2, " from elsewhere", at=5, session=uuid.uuid4())
        return found

    monkeypatch.setattr(save_draft_module, "_draft_of", slow)
    with pytest.raises(DraftIsStale) as refusal:
        save(studio, task, 2, " from here", at=5)
    assert refusal.value.data["fields"] == {"response": "Hello from elsewhere"}
    assert LogBatch.objects.count() == 2


def test_handed_in_between_reading_and_writing(studio, task, monkeypatch):
    save(studio, task, 1, "Hello")
    read, calls = save_draft_module._draft_of, []

    def slow(person, task_id):
        found = read(person, task_id)
        if not calls:
            calls.append(1)
            submit_revision(person=studio.writer, task_id=task.pk, draft_version=1)
        return found

    monkeypatch.setattr(save_draft_module, "_draft_of", slow)
    with pytest.raises(HandedIn):
        save(studio, task, 2, "!", at=5)
    assert draft(task).fields == {"response": "Hello"}


def test_saving_renews_the_lease_and_keeps_text_after_it_ran_out(studio, task):
    Assignment.objects.update(leased_until="2020-01-01T00:00Z")
    assert save(studio, task, 1, "Hello").held
    assert lapse_leases() == 0
    Assignment.objects.update(leased_until="2020-01-01T00:00Z")
    assert lapse_leases() == 1
    assert not save(studio, task, 2, "!", at=5).held
    assert draft(task).fields == {"response": "Hello!"}


def test_after_handing_in_nothing_changes(studio, task):
    save(studio, task, 1, "Hello")
    submit_revision(person=studio.writer, task_id=task.pk, draft_version=1)
    with pytest.raises(HandedIn):
        save(studio, task, 2, "!", at=5)


def test_the_log_replays_to_the_revision_and_is_summed_up(studio, task):
    save(studio, task, 1, "Hello world, this is typed.")
    save(studio, task, 2, " And this was pasted from some other place.", at=27, kind="pasted")
    revision = submit_revision(person=studio.writer, task_id=task.pk, draft_version=2)
    assert revision.log_complete
    assert revision.log_summary["shares"]["pasted"] == pytest.approx(61.4, abs=0.5)
    assert revision.log_summary["largest_insertion"] == 43
    assert revision.log_summary["notices"] == ["undeclared_paste"]


def test_a_text_without_its_log_is_flagged_not_refused(studio, task):
    save(studio, task, 1, "Hello")
    Assignment.objects.update(fields={"response": "Something else altogether."})
    assert not submit_revision(person=studio.writer, task_id=task.pk).log_complete


def test_handing_in_twice_gives_the_same_revision(studio, task):
    save(studio, task, 1, "Hello")
    first = submit_revision(person=studio.writer, task_id=task.pk, draft_version=1)
    assert submit_revision(person=studio.writer, task_id=task.pk, draft_version=1) == first


def test_the_log_is_append_only(studio, task):
    save(studio, task, 1, "Hello")
    with pytest.raises(IntegrityError), transaction.atomic():
        LogBatch.objects.update(payload=b"")
    with pytest.raises(IntegrityError), transaction.atomic():
        LogBatch.objects.all().delete()


def test_a_form_without_scripts_is_logged_as_one_change(studio, task):
    save(studio, task, 1, "Apixaban")
    texts = {"response": "Apixaban 5 mg,\r\ntwice a day."}
    save_plain(person=studio.writer, task_id=task.pk, texts=texts, version=1)
    assert draft(task).fields == {"response": "Apixaban 5 mg,\ntwice a day."}
    assert submit_revision(person=studio.writer, task_id=task.pk).log_complete


# ---- Over HTTP -----------------------------------------------------------------------------------------------


def post(client, task, body, **headers):
    data = body if isinstance(body, bytes) else orjson.dumps(body)
    return client.post(
        f"/write/{task.pk}/draft/", data=data, content_type="application/json",
        headers={"Accept": "application/json", **headers},
    )  # fmt: skip


def batch(**more):
    return {
        "sequence": 1,
        "session": str(SESSION),
        "edits": [["response", 0, 0, "typed", [[0, "Hi"]]]],
        **more,
    }


def test_save_over_http(client, studio, task):
    client.force_login(studio.writer)
    answer = post(client, task, batch(check={"response": checksum("Hi")}))
    assert answer.status_code == 200
    assert answer.json()["version"] == 1
    assert client.get(
        f"/write/{task.pk}/draft/?since=0", headers={"Accept": "application/json"}
    ).json()["fields"] == {"response": "Hi"}


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"not json", 422, "log_invalid"),
        (b"[]", 422, "log_invalid"),
        (b"{}", 422, "log_invalid"),
        (batch(session="x"), 422, "log_invalid"),
        (batch(session=7), 422, "log_invalid"),
        (batch(sequence="1"), 422, "log_invalid"),
        (batch(sequence=-1), 422, "log_invalid"),
        (batch(sequence=5), 409, "draft_is_stale"),
        (batch(edits={}), 422, "log_invalid"),
        (batch(edits=[["response", 0, 0, "typed", [7]]]), 422, "log_invalid"),
        (batch(extras=[]), 422, "log_invalid"),
        (batch(extras={"coverage": "x"}), 422, "log_invalid"),
        (batch(extras={"sources": [{"link": "javascript:alert(1)"}]}), 422, "log_invalid"),
        (batch(extras={"note": "x" * 600_000}), 422, "log_invalid"),
        (
            batch(edits=[["response", 10**15, 0, "typed", [[0, "forged clock"]]]]),
            422,
            "log_invalid",
        ),
        (b" " * (10 * 1024 * 1024), 413, "batch_too_large"),
    ],
    ids=str,
)
def test_bad_batches_are_refused_in_words(client, studio, task, body, status, code):
    client.force_login(studio.writer)
    answer = post(client, task, body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["message"]
    assert draft(task).fields == {}


def test_signed_out_is_said_in_json(client, task):
    assert post(client, task, batch()).status_code == 401


def test_a_token_writes_nothing(client, studio, task):
    for header in ("Token x", "Bearer x", "Basic eDp5"):
        assert post(client, task, batch(), Authorization=header).status_code == 401


def test_another_person_is_refused(client, studio, task):
    client.force_login(person_with(studio.project, "writer", domain=studio.domain))
    assert post(client, task, batch()).status_code == 403
    assert client.get(f"/write/{task.pk}/").status_code == 403
