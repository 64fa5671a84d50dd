"""The pages of the writing side in each state of a task."""

import pytest

from annotation.models import Assignment
from annotation.services.claim import take, take_next
from annotation.services.release import lapse_leases, skip_task
from annotation.services.submit import submit_revision
from review.enums import Verdict
from tests.factories.annotation import InstructionFactory, TaskFactory, submitted, write
from tests.factories.experts import person_with
from tests.factories.review import judged

EVIL = "<script>alert(1)</script>"


@pytest.fixture
def task(studio, client):
    client.force_login(studio.writer)
    return TaskFactory(instruction=InstructionFactory(project=studio.project, domain=studio.domain))


def shown(client, path):
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.content.decode()


def test_empty_and_full_home(client, studio, task):
    assert "Nothing is waiting for you" in shown(client, "/write/")
    assert client.post("/write/next/").headers["Location"] == f"/write/{task.pk}/"
    assert "Being written" in shown(client, "/write/")


def test_somebody_without_a_credential_is_told_what_to_do(client, studio, task):
    client.force_login(person_with(studio.project, "writer"))
    assert "whose qualification has been verified" in shown(client, "/write/")


def test_writing_page_holds_everything_without_scripts(client, studio, task):
    take(person=studio.writer, task_id=task.pk)
    page = shown(client, f"/write/{task.pk}/")
    for words in (
        "Name the first choice",
        "Submit for review",
        "I wrote this response myself",
        "What is recorded",
    ):
        assert words in page
    assert page.count('role="status"') == 1


def test_what_people_wrote_is_shown_and_never_markup(client, studio):
    instruction = InstructionFactory(
        project=studio.project, domain=studio.domain, messages=[{"role": "user", "content": EVIL}],
        requirements=[{"id": "r1", "text": EVIL, "kind": "ask"}], evidence=[{"id": "e", "title": EVIL, "text": EVIL}],
    )  # fmt: skip
    task = TaskFactory(instruction=instruction)
    client.force_login(studio.writer)
    write(take(person=studio.writer, task_id=task.pk), EVIL)
    assert EVIL not in shown(client, f"/write/{task.pk}/")
    assert EVIL not in client.post("/write/preview/", {"text": EVIL}).content.decode()


def test_returned_work_shows_reasons_and_then_the_difference(client, studio, task):
    submitted(task, studio.writer, "Take five milligrams each morning.")
    judged(studio.expert, Verdict.REQUEST_CHANGES, note="Please name the drug.")
    assert "Please name the drug." in shown(client, "/write/")
    assert "Please name the drug." in shown(client, f"/write/{task.pk}/")
    client.post(f"/write/{task.pk}/take/")
    assert "Please name the drug." in shown(client, f"/write/{task.pk}/")
    write(studio.writer.assignments.get(), "Take five milligrams of apixaban each morning.")
    submit_revision(person=studio.writer, task_id=task.pk)
    page = shown(client, f"/write/{task.pk}/")
    assert "What changed since revision 1" in page
    assert "of apixaban" in page


def test_all_that_was_handed_in_is_shown_not_its_last_words_alone(client, studio):
    tool = {"name": "look_up", "parameters": {"type": "object"}}
    made = InstructionFactory(
        project=studio.project, domain=studio.domain, target_kind="tool_calls", tools=[tool]
    )
    task = TaskFactory(instruction=made)
    assignment = take(person=studio.writer, task_id=task.pk)
    assignment.fields = {"c1": '{"drug": "apixaban"}', "r1": EVIL, "response": "It is 5 mg."}
    assignment.extras = {
        "steps": [
            {"field": "c1", "type": "call", "name": "look_up"},
            {"field": "r1", "type": "result", "of": "c1"},
            {"field": "response", "type": "say"},
        ]
    }
    assignment.draft_version += 1
    assignment.save()
    submit_revision(person=studio.writer, task_id=task.pk)
    client.force_login(studio.writer)
    page = shown(client, f"/write/{task.pk}/")
    for words in ("Call of look_up", "apixaban", "&lt;script&gt;alert(1)", "It is 5 mg."):
        assert words in page
    assert EVIL not in page


def test_put_aside_keeps_the_text_and_can_be_taken_again(client, studio, task):
    write(take_next(person=studio.writer), "Half a thought")
    skip_task(person=studio.writer, task_id=task.pk, reason="no_time")
    assert "Half a thought" in shown(client, f"/write/{task.pk}/")
    assert "Drafts you put aside" in shown(client, "/write/")
    client.post(f"/write/{task.pk}/take/")
    assert Assignment.objects.get(task=task).state == "live"


def test_record_versions_and_findings_of_ones_own(client, studio, task):
    take(person=studio.writer, task_id=task.pk)
    client.post(
        f"/write/{task.pk}/submit/",
        {"version": "0", "field-response": "Apixaban twice a day.", "only_save": "1"},
    )
    assert "How it was written" in shown(client, f"/write/{task.pk}/replay/")
    assert client.get(f"/write/{task.pk}/log/").json()["batches"][0]["edits"][0][3] == "other"
    assert "4 words" in shown(client, f"/write/{task.pk}/versions/")
    versions = client.get(f"/write/{task.pk}/versions/1/", headers={"Accept": "application/json"})
    assert versions.json()["fields"] == {"response": "Apixaban twice a day."}
    assert (
        "findings"
        in client.post(f"/write/{task.pk}/findings/", headers={"Accept": "application/json"}).json()
    )


@pytest.mark.parametrize(
    "path",
    ["", "replay/", "log/", "versions/", "versions/1/", "draft/", "trajectory/", "attachments/x/"],
)
def test_nobody_else_sees_any_of_it(client, studio, task, path):
    write(take(person=studio.writer, task_id=task.pk))
    stranger = person_with(studio.project, "expert", domain=studio.domain)
    client.force_login(stranger)
    assert client.get(f"/write/{task.pk}/{path}").status_code in {403, 404}


# ---- A refusal gives back what was typed ----

MAILED = "Thank you for asking! Write to m.keller@kellerpraxis.de before the first dose."
SENT = {
    "version": "0",
    "field-response": MAILED,
    "note": "The guideline is from 2024.",
    "reason-personal_data": "The address of the practice itself.",
}


def refused(client, task, status, **sent):
    answer = client.post(f"/write/{task.pk}/submit/", SENT | sent)
    assert answer.status_code == status
    page = answer.content.decode()
    assert "Not handed in" in page
    for typed in (sent.get("field-response", MAILED), SENT["note"], SENT["reason-personal_data"]):
        assert typed in page
    return page


def test_findings_that_block_give_back_the_text_the_note_and_every_reason(client, studio, task):
    take(person=studio.writer, task_id=task.pk)
    page = refused(client, task, 422)
    assert 'name="reason-personal_data" value="The address of the practice itself."' in page
    assert 'name="reason-sycophancy" value=""' in page
    assert "Not marked as met" in page  # what only informs stays beside what blocks
    # A page opened anew has them as well, and they count once all is answered.
    assert SENT["note"] in shown(client, f"/write/{task.pk}/")
    sent = SENT | {"version": "1", "reason-sycophancy": "Asked for in the guideline."}
    assert client.post(f"/write/{task.pk}/submit/", sent).status_code == 302
    reasons = {row.check_id: row.reason for row in task.revisions.get().findings.all()}
    assert reasons["personal_data"] == SENT["reason-personal_data"]


def test_a_time_that_ran_out_keeps_all_that_was_typed(client, studio, task):
    take(person=studio.writer, task_id=task.pk)
    Assignment.objects.update(leased_until="2020-01-01T00:00Z")
    assert lapse_leases() == 1
    assert "Take it again" in refused(client, task, 409)
    client.post(f"/write/{task.pk}/take/")
    page = shown(client, f"/write/{task.pk}/")
    assert MAILED in page
    assert SENT["note"] in page
    assert Assignment.objects.get().extras["reasons"] == {
        "personal_data": SENT["reason-personal_data"]
    }


def test_a_text_that_was_changed_elsewhere_stands_beside_what_was_typed(client, studio, task):
    write(take(person=studio.writer, task_id=task.pk), "From the other device: a@kellerpraxis.de")
    page = refused(client, task, 409)
    assert "From the other device" in page
    assert "What you typed, word for word" in page
    assert Assignment.objects.get().fields == {
        "response": "From the other device: a@kellerpraxis.de"
    }


def test_what_comes_after_handing_in_is_given_back(client, studio, task):
    submitted(task, studio.writer, "Five milligrams each morning.")
    refused(client, task, 409)


def test_what_cannot_be_stored_is_given_back(client, studio, task):
    take(person=studio.writer, task_id=task.pk)
    refused(
        client, task, 422, **{"field-response": "Five\x00 milligrams, m.keller@kellerpraxis.de"}
    )


def test_who_does_not_have_the_task_gets_their_words_back(client, studio, task):
    answer = client.post(f"/write/{task.pk}/submit/", SENT)
    assert answer.status_code == 403
    assert MAILED in answer.content.decode()
    assert SENT["note"] in answer.content.decode()
