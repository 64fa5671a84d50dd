"""The pages over HTTP: who gets in, what refusals keep, that looking changes nothing, that lists stay cheap."""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import escape

from annotation.enums import TaskState
from annotation.models import ProjectVersion
from annotation.services.claim import take, take_next
from annotation.services.keep_native import keep_native
from annotation.services.submit import submit_revision
from experts.enums import Role
from review.enums import SeatState, Verdict
from review.models import CalibrationItem, Review, SavedView, Seat
from review.services.claim_seat import take_free_seat, take_next_review
from review.services.comment import add_comment
from tests.factories.annotation import submitted, write
from tests.factories.experts import person_with
from tests.factories.review import judged
from tests.review.conftest import TEXT, WANTED, another_text, five_thousand_lines

pytestmark = pytest.mark.django_db


def signed_in(client, person):
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def seat(studio, task):
    submitted(task, studio.writer, TEXT)
    return take_next_review(person=studio.expert)


def url(name, *values):
    return reverse(f"review:{name}", args=values)


@pytest.mark.parametrize(
    "name", ["home", "ready", "quality", "rows", "distances", "calibration", "calibration-new"]
)
def test_pages_open_only_for_their_people(client, studio, name):
    wanted = {"home": studio.expert, "ready": studio.format}.get(name, studio.lead)
    assert signed_in(client, wanted).get(url(name)).status_code == 200
    assert signed_in(client, studio.writer).get(url(name)).status_code == 403
    client.logout()
    assert client.get(url(name)).status_code == 302


def test_looking_changes_nothing(client, studio, seat):
    before = list(Seat.objects.values())
    signed_in(client, studio.expert)
    for name, *values in (["home"], ["seat", seat.pk], ["evidence", seat.pk], ["log", seat.pk]):
        assert client.get(url(name, *values)).status_code == 200
    assert list(Seat.objects.values()) == before


def test_the_author_is_nowhere_on_the_page_of_a_reviewer(client, studio, seat):
    page = signed_in(client, studio.expert).get(url("seat", seat.pk)).content.decode()
    assert TEXT.split("\n")[-2].lstrip("- ") in page
    for hidden in (studio.writer.name, studio.writer.email, studio.writer.pseudonym):
        assert hidden not in page


@pytest.mark.parametrize("who", ["writer", "format", "lead"])
def test_a_review_opens_for_nobody_else(client, studio, seat, who):
    assert signed_in(client, getattr(studio, who)).get(url("seat", seat.pk)).status_code == 403


def test_a_refused_verdict_keeps_marks_and_words(client, studio, seat):
    signed_in(client, studio.expert)
    sent = {
        "verdict": "request_changes",
        "mark_accuracy": "fix",
        "words_accuracy": "The dose",
        "note": "  ",
        "revision": seat.revision_id,
    }
    answer = client.post(url("verdict", seat.pk), sent)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert 'value="The dose"' in page
    assert "This verdict needs a reason." in page
    seat.refresh_from_db()
    assert seat.draft["criteria"]["accuracy"] == {"mark": "fix", "reason": "The dose"}


@pytest.mark.parametrize("verdict", ["", "nonsense"])
def test_a_verdict_that_is_none_is_refused(client, studio, seat, verdict):
    answer = signed_in(client, studio.expert).post(
        url("verdict", seat.pk), {"verdict": verdict, "note": "Words"}
    )
    assert answer.status_code == 422
    assert "Words" in answer.content.decode()


def test_a_verdict_from_an_old_page_gives_the_words_back(client, studio, seat):
    signed_in(client, studio.expert)
    sent = {"verdict": "reject", "note": "My careful words", "revision": seat.revision_id + 7}
    answer = client.post(url("verdict", seat.pk), sent)
    assert answer.status_code == 409
    assert "My careful words" in answer.content.decode()
    assert not Review.objects.exists()


def test_approval_moves_on_to_the_next_at_once(client, studio, make_task):
    for number in range(2):
        submitted(make_task(), studio.writer, another_text(number))
    first = take_next_review(person=studio.expert)
    answer = signed_in(client, studio.expert).post(url("verdict", first.pk), {"verdict": "approve"})
    second = Seat.objects.exclude(pk=first.pk).get()
    assert answer.url == url("seat", second.pk)
    assert "Undo" in client.get(answer.url).content.decode()
    client.post(url("undo", first.pk))
    first.refresh_from_db()
    assert first.state == SeatState.HELD


def test_the_author_sees_a_verdict_on_their_next_page(client, studio, seat):
    signed_in(client, studio.expert).post(
        url("verdict", seat.pk), {"verdict": "reject", "note": "It harms."}
    )
    assert Seat.objects.get().state == SeatState.PENDING
    page = (
        signed_in(client, studio.writer)
        .get(reverse("write:task", args=[seat.task_id]))
        .content.decode()
    )
    assert "It harms." in page
    assert studio.expert.name not in page


def test_signing_out_records_what_was_given(client, studio, seat, task):
    signed_in(client, studio.expert).post(url("verdict", seat.pk), {"verdict": "approve"})
    client.post("/accounts/logout/")
    task.refresh_from_db()
    assert task.state == TaskState.FORMAT_REVIEW


def test_second_round_of_five_thousand_lines(client, studio, seat, task):
    judged(studio.expert, Verdict.REQUEST_CHANGES, note="Shorter, please.")
    assignment = take_next(person=studio.writer)
    write(assignment, five_thousand_lines())
    submit_revision(person=studio.writer, task_id=task.pk, reasons=WANTED)
    again = take_next_review(person=studio.expert)
    answer = signed_in(client, studio.expert).get(url("seat", again.pk))
    assert "What changed since your verdict" in answer.content.decode()
    assert "Shorter, please." in answer.content.decode()
    assert "words more added" in answer.content.decode()
    assert sum(len(text) for _, text in answer.context["desk"].changes) < 50_000


def test_a_comment_on_what_is_gone_comes_back_with_its_words(client, studio, seat):
    signed_in(client, studio.expert)
    sent = {"quote": "never written", "body": "My remark"}
    answer = client.post(url("comment", seat.pk), sent, headers={"HX-Request": "true"})
    assert answer.status_code == 422
    assert "My remark" in answer.content.decode()
    assert client.post(url("comment", seat.pk), sent).status_code == 422
    good = {
        "quote": "500 mg every",
        "body": "My remark",
        "suggests": "yes",
        "suggestion": "1 g every",
    }
    assert client.post(url("comment", seat.pk), good).status_code == 302


def test_a_lost_review_says_so_and_keeps_the_words(client, studio, seat):
    Seat.objects.filter(pk=seat.pk).update(state="open", reviewer=None, leased_until=None)
    answer = signed_in(client, studio.expert).post(
        url("draft", seat.pk), {"note": "Half a thought"}
    )
    assert answer.status_code == 403


ALL_WORDS = {
    "verdict": "request_changes",
    "note": "The dose is wrong.",
    "mark_clarity": "fix",
    "words_clarity": "Too terse",
}


@pytest.mark.parametrize("taken_by_another", [False, True])
def test_a_verdict_in_a_review_that_is_lost_gives_every_word_back(
    client, studio, seat, taken_by_another
):
    other = person_with(studio.project, Role.EXPERT, domain=studio.domain)
    changes = {"reviewer": other} if taken_by_another else {"reviewer": None, "state": "open"}
    Seat.objects.filter(pk=seat.pk).update(**changes)
    answer = signed_in(client, studio.expert).post(url("verdict", seat.pk), ALL_WORDS)
    assert answer.status_code in {403, 409}
    page = answer.content.decode()
    assert "The dose is wrong." in page
    assert "Clarity: Too terse" in page
    remark = {"body": "For which weight?"}
    answer = client.post(url("comment", seat.pk), remark, headers={"HX-Request": "true"})
    assert "For which weight?" in answer.content.decode()


def test_the_second_of_two_verdicts_gives_its_words_back(client, studio, seat):
    signed_in(client, studio.expert)
    assert client.post(url("verdict", seat.pk), {"verdict": "approve"}).status_code == 302
    answer = client.post(url("verdict", seat.pk), ALL_WORDS)
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "already decided" in page
    assert "The dose is wrong." in page


def test_who_was_signed_out_in_mid_review_gets_the_words_and_the_page_back(client, studio, seat):
    page = url("seat", seat.pk)
    answer = client.post(url("verdict", seat.pk), ALL_WORDS, headers={"Referer": f"http://x{page}"})
    assert answer.status_code == 401
    assert "The dose is wrong." in answer.content.decode()
    assert f"?next={page}" in answer.content.decode()


def test_lists_cost_the_same_with_one_row_and_with_three(client, studio, make_task):
    submitted(make_task(), studio.writer, another_text(0))
    judged(studio.expert)
    signed_in(client, studio.format)
    costs = []
    for number in (1, 3):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(url("ready")).status_code == 200
        costs.append(len(queries))
        for more in range(2):
            submitted(make_task(), studio.writer, another_text(10 * number + more))
            judged(studio.expert)
    assert costs[0] == costs[1]
    signed_in(client, studio.lead)
    with CaptureQueriesContext(connection) as few:
        assert client.get(url("rows")).status_code == 200
    assert len(few) < 12


def test_a_verdict_asks_few_statements_on_its_way_to_the_next_review(client, studio, make_task):
    ProjectVersion.objects.create(project=studio.project, number=2, settings={"undo_seconds": 0})
    for number in range(3):
        submitted(make_task(), studio.writer, another_text(number))
    take_next_review(person=studio.expert)
    at_hand = Seat.objects.filter(state=SeatState.OPEN).earliest("pk")
    take_free_seat(person=studio.expert, seat_id=at_hand.pk)
    signed_in(client, studio.expert)
    address = Seat.objects.get(state=SeatState.HELD, task__lt=at_hand.task).pk
    costs = []
    for _ in ("at hand", "from the queue"):
        with CaptureQueriesContext(connection) as queries:
            answer = client.post(url("verdict", address), {"verdict": Verdict.APPROVE})
        costs.append(sum("SAVEPOINT" not in query["sql"] for query in queries))
        address = int(answer.url.rstrip("/").rsplit("/", 1)[-1])
    assert Review.objects.count() == 2
    assert costs[0] <= 14
    assert costs[1] <= 19


def test_filters_and_saved_views(client, studio, task):
    revision = submitted(task, studio.writer, TEXT)
    judged(studio.expert)
    revision.findings.create(
        check_id="tone", check_version="1", severity="warning", message="Flattery"
    )
    for words in ("Too near.", "Nearer still."):
        revision.findings.create(
            check_id="near_duplicate", check_version="1", severity="info", message=words
        )
    signed_in(client, studio.format)
    page = client.get(url("ready")).content.decode()
    assert "Near-duplicate (2)" in page
    assert "near_duplicate</" not in page
    title = task.instruction.title
    for query, found in (
        ("check=tone", True),
        ("check=length", False),
        ("green=yes", False),
        ("domain=medicine", True),
        ("domain=law", False),
        ("shortest=10", True),
        ("longest=10", False),
        ("older=3", False),
        ("shortest=nonsense&older=-1", True),
    ):
        assert (title in client.get(f"{url('ready')}?{query}").content.decode()) is found, query
    client.post(url("keep-view"), {"name": "Tone", "query": "check=tone"})
    view = SavedView.objects.get()
    assert (view.name, view.query) == ("Tone", "check=tone")
    client.post(url("keep-view"), {"forget": view.pk})
    assert not SavedView.objects.exists()
    assert client.post(url("pass-all"), {}).status_code == 302


def test_figures_open_their_rows(client, studio, task):
    submitted(task, studio.writer, TEXT)
    judged(studio.expert)
    judged(studio.format)
    signed_in(client, studio.lead)
    page = client.get(url("quality")).content.decode()
    assert "too few to say" in page
    assert f"stage=expert&amp;reviewer={studio.expert.pk}" in page
    rows = client.get(f"{url('rows')}?stage=expert&reviewer={studio.expert.pk}").content.decode()
    assert rows.count(task.instruction.title) == 1
    assert (
        task.instruction.title
        in client.get(f"{url('distances')}?from=0&to=0.0001").content.decode()
    )
    for nonsense in ("?week=nonsense", "?reviewer=x", "?before=zz", "?verdict=maybe"):
        assert client.get(url("rows") + nonsense).status_code == 200


def test_a_lead_opens_a_decided_review_with_its_names(client, studio, seat):
    judged(studio.expert)
    page = signed_in(client, studio.lead).get(url("seat", seat.pk)).content.decode()
    assert studio.writer.name in page
    assert "This review is closed: the verdict was “Approve”." in page


def test_calibration_looks_like_everything_else(client, studio):
    ProjectVersion.objects.create(
        project=studio.project, number=2, settings={"calibration_one_in": 1, "calibration_after": 0}
    )
    signed_in(client, studio.lead)
    sent = {
        "project": studio.project.pk,
        "stage": "expert",
        "domain": studio.domain.pk,
        "instruction": "How much may I take?",
        "response": "Take 50 g a day.",
        "criterion_1": "accuracy",
        "quote_1": "50 g",
        "words_1": "Ten times too much",
    }
    refused = client.post(url("calibration-new"), sent | {"quote_1": "not there"})
    assert refused.status_code == 422
    assert client.post(url("calibration-new"), sent).status_code == 302
    signed_in(client, studio.expert)
    address = client.post(url("take-next")).url
    page = client.get(address).content.decode()
    assert "Take 50 g a day." in page
    assert "alibration" not in page
    number = int(address.rstrip("/").rsplit("/", 1)[-1])
    assert client.post(url("draft", number), {"note": "Half"}).status_code == 204
    assert (
        client.post(url("comment", number), {"quote": "50 g", "body": "Really?"}).status_code == 302
    )
    assert client.get(url("evidence", number)).status_code == 200
    assert (
        client.post(
            url("verdict", number), {"verdict": "reject", "note": "Far too much."}
        ).status_code
        == 302
    )
    assert "Undo" in client.get(url("home")).content.decode()
    assert client.post(url("undo", number)).status_code == 302
    assert "Far too much." in client.get(address).content.decode()
    item = CalibrationItem.objects.get()
    signed_in(client, studio.lead)
    assert client.post(url("calibration-withdraw", item.pk)).status_code == 302
    assert client.get(url("calibration-results")).status_code == 200


def test_threads_over_http(client, studio, seat):
    comment = add_comment(
        person=studio.expert, seat_id=seat.pk, body="Why?", quote="4 g", suggestion="3 g"
    )
    judged(studio.expert, Verdict.REQUEST_CHANGES)
    take_next(person=studio.writer)
    signed_in(client, studio.writer)
    page = client.get(reverse("write:task", args=[seat.task_id])).content.decode()
    assert "Take it over" in page
    fragment = client.post(
        url("suggestion", comment.pk),
        {"answer": "accepted", "made": "yes"},
        headers={"HX-Request": "true"},
    )
    assert "accepted" in fragment.content.decode()
    assert client.post(url("answer", comment.pk), {"body": "Done."}).status_code == 302
    assert client.post(url("settle", comment.pk), {"settled": "no"}).status_code == 302
    assert client.get(url("reasons", seat.task_id)).status_code == 200
    assert signed_in(client, studio.expert).get(url("reasons", seat.task_id)).status_code == 403
    assert client.post(url("answer", comment.pk), {"body": "Thank you."}).status_code == 302


def test_repair_over_http(client, studio, seat, task):
    judged(studio.expert)
    own = take_next_review(person=studio.format)
    signed_in(client, studio.format)
    sent = {"revision": own.revision_id, "text": TEXT.replace("4 g", "**4 g**")}
    assert client.post(url("repair", own.pk), sent).url == url("seat", own.pk)
    task.refresh_from_db()
    sent = {"revision": task.current_revision_id, "text": TEXT.replace("4 g", "9 g")}
    assert client.post(url("repair", own.pk), sent).status_code == 302
    task.refresh_from_db()
    assert task.state == TaskState.EXPERT_REVIEW


def laid_out(client, person, seat_id, **asked):
    """The page without the pane that holds the bare words."""
    page = signed_in(client, person).get(url("seat", seat_id), asked).content.decode()
    before, _, after = page.partition('id="pane-raw"')
    return before + after.partition("</div>")[2]


CALL = {"id": "call_1", "function": {"name": "look", "arguments": '{"path": "."}'}}


def test_a_run_is_read_step_by_step_in_its_order(client, studio, make_task, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    task = make_task(target_kind="trajectory")
    assignment = take(person=studio.writer, task_id=task.pk)
    steps = [
        {"role": "user", "content": "Mend it."},
        {"role": "assistant", "content": "I look.", "tool_calls": [CALL]},
        {"role": "tool", "tool_call_id": "call_1", "name": "look", "content": "x" * 30_000},
        *({"role": "assistant", "content": f"I try way {number}."} for number in range(20)),
    ]
    about = keep_native(
        person=studio.writer, task_id=task.pk, name="run.json", data=json.dumps({"traj": steps}).encode()
    )  # fmt: skip
    assignment.extras = {"trajectory": about | {"outcome": "recovery", "terminal_state": "mended"}}
    write(assignment, "It looked, then mended.")
    submit_revision(person=studio.writer, task_id=task.pk, reasons=WANTED)
    seat = take_next_review(person=studio.expert)
    page = laid_out(client, studio.expert, seat.pk)
    words = (
        "It looked, then mended.",
        "Recovery: mended",
        "I look.",
        "&quot;path&quot;",
        "30,000 characters",
        "I try way 16.",
    )
    assert [page.find(each) for each in words] == sorted(page.find(each) for each in words)
    assert -1 not in map(page.find, words)
    assert "Steps 1 to 20 of 23" in page
    assert "I try way 17." not in page
    assert "x" * 20_001 not in page
    assert "asked for:" not in page
    assert "I try way 19." in laid_out(client, studio.expert, seat.pk, **{"from": "20"})
    assert "Steps 1 to 20 of 23" in laid_out(client, studio.expert, seat.pk, **{"from": "-1"})


def test_a_run_as_typed_holds_a_few_steps_at_a_time(client, studio, make_task, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    task = make_task(target_kind="trajectory")
    assignment = take(person=studio.writer, task_id=task.pk)
    book = {"id": "call_2", "function": {"name": "edit", "arguments": {"text": "z" * 30_000}}}
    steps = [
        {"role": "user", "content": "Mend it."},
        {"role": "assistant", "content": "*I look*   twice." + "y" * 30_000},
        {"role": "assistant", "content": "I write.", "tool_calls": [book]},
        {"role": "tool", "tool_call_id": "call_2", "name": "edit", "content": "Done."},
        *({"role": "assistant", "content": f"I try way {number}."} for number in range(200)),
    ]
    about = keep_native(
        person=studio.writer, task_id=task.pk, name="run.json", data=json.dumps({"traj": steps}).encode()
    )  # fmt: skip
    assignment.extras = {"trajectory": about | {"outcome": "recovery"}}
    write(assignment, "It looked, then mended.")
    submit_revision(person=studio.writer, task_id=task.pk, reasons=WANTED)
    seat = take_next_review(person=studio.expert)
    said = {"revision": seat.revision_id, "quote": "I try way 3.", "body": "Why?"}
    client.force_login(studio.expert)
    client.post(f"/review/{seat.pk}/comments/", said)
    page = client.get(f"/review/{seat.pk}/").content.decode()
    typed = page[page.index('id="pane-raw"') : page.index('id="comments-title"')]
    assert "Steps 1 to 20 of 204" in typed
    assert "*I look*   twice." in typed
    assert '<mark class="commented">I try way 3.</mark>' in typed
    assert "I try way 16." not in page
    assert "y" * 20_001 not in page
    assert "z" * 20_001 not in page
    later = client.get(f"/review/{seat.pk}/?from=20").content.decode()
    assert later.count("I try way 16.") == 2


def test_calls_are_read_in_their_order_beside_the_tools(client, studio, make_task):
    tool = {"name": "look_up", "description": "Finds a drug.", "parameters": {"type": "object"}}
    task = make_task(target_kind="tool_calls", tools=[tool])
    assignment = take(person=studio.writer, task_id=task.pk)
    steps = [
        {"field": "response", "type": "say"}, {"field": "s1", "type": "call", "name": "look_up"},
        {"field": "s2", "type": "result", "of": "s1"}, {"field": "s3", "type": "say"},
    ]  # fmt: skip
    assignment.extras = {"steps": steps}
    write(assignment, "I look.")
    assignment.fields |= {"s1": '{"drug": "aspirin"}', "s2": "A result.", "s3": "Take it."}
    assignment.save()
    submit_revision(person=studio.writer, task_id=task.pk, reasons=WANTED)
    page = laid_out(client, studio.expert, take_next_review(person=studio.expert).pk)
    words = ("Finds a drug.", "I look.", "Call of look_up", "aspirin", "A result.", "Take it.")
    assert [page.find(each) for each in words] == sorted(page.find(each) for each in words)
    assert -1 not in map(page.find, words)


def test_an_object_is_read_as_it_was_typed_beside_what_it_has_to_hold(client, studio, make_task):
    schema = {"type": "object", "properties": {"days": {"type": "integer", "title": "Days off"}}}
    task = make_task(target_kind="json", target_schema=schema)
    typed = '{"days":\n  14}'
    write(take(person=studio.writer, task_id=task.pk), typed)
    submit_revision(person=studio.writer, task_id=task.pk, reasons=WANTED)
    page = laid_out(client, studio.expert, take_next_review(person=studio.expert).pk)
    assert escape(typed) in page
    assert "What the object has to hold" in page
    assert "Days off" in page
    assert "asked for:" not in page
