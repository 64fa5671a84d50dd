"""One's own verdicts: the list with what became of them, each as it was; and calibration items among them."""

import re

import pytest
from django.urls import reverse

from annotation.models import ProjectVersion
from annotation.services.claim import take
from annotation.services.claim import take_next as take_next_task
from annotation.services.questions import people_to_ask
from annotation.services.save_draft import save_plain
from annotation.services.submit import submit_revision
from annotation.tasks import take_up_words
from annotation.writing_log import Edit, replay
from experts.enums import Role
from experts.services.rights import data_of
from experts.sources import Period
from review.asking import people_for_sitting
from review.calibration import pseudonym_of
from review.enums import Verdict
from review.given import given_by
from review.judgement import Judgement
from review.models import CalibrationItem, CalibrationResult, CalibrationSitting, Review, Seat
from review.people import _work
from review.services.appeal import appeal
from review.services.ask import ask_here
from review.services.calibrate import (
    add_calibration_item,
    decide_sitting,
    next_sitting,
    settle_sittings,
)
from review.services.take_next import take_next
from tests.factories.annotation import submitted, write
from tests.factories.experts import person_with
from tests.factories.review import judged
from tests.review.conftest import TEXT, another_text

pytestmark = pytest.mark.django_db


def url(name, *args):
    return reverse(f"review:{name}", args=args)


@pytest.fixture
def signed_in(client):
    def enter(person):
        client.force_login(person)
        return client

    return enter


def listed(person, **query):
    return given_by(person, query).rows


def test_a_verdict_opens_as_it_was_whatever_came_after(signed_in, studio, task):
    submitted(task, studio.writer, TEXT)
    first = judged(
        studio.expert,
        Verdict.REQUEST_CHANGES,
        judgement=Judgement(
            note="Name the weight.", criteria={"clarity": {"mark": "fix", "reason": "Too terse"}}
        ),
    )
    write(take_next_task(person=studio.writer), TEXT.replace("500 mg", "1 g"))
    submit_revision(person=studio.writer, task_id=task.pk)
    judged(studio.expert)
    client = signed_in(studio.expert)
    newest, oldest = listed(studio.expert)
    assert (newest.round, oldest.round) == (2, 1)
    assert oldest.now == "Format review"
    page = client.get(url("own-seat", oldest.address, 1)).content.decode()
    assert "500 mg" in page
    assert "1 g" not in page
    assert "Name the weight." in page
    assert "Too terse" in page
    assert "the verdict was “Request changes”" in page
    assert 'name="verdict"' not in page
    assert client.get(url("own-seat", oldest.address, 3)).status_code == 403
    assert first.round == 1


def test_nobody_opens_the_verdicts_of_others(signed_in, studio, task):
    submitted(task, studio.writer, TEXT)
    review = judged(studio.expert)
    other = person_with(studio.project, Role.EXPERT, domain=studio.domain)
    assert signed_in(other).get(url("own-seat", review.seat_id, 1)).status_code == 403
    assert listed(other) == []


def test_what_a_third_person_decided_is_told(studio, make_task):
    upheld, overturned = make_task(), make_task()
    for task, decision in ((upheld, Verdict.REJECT), (overturned, Verdict.APPROVE)):
        submitted(task, studio.writer, another_text(task.pk))
        judged(studio.expert, Verdict.REJECT)
        appeal(person=studio.writer, task_id=task.pk, words="Please look again.")
        judged(studio.lead, decision, judgement=Judgement(note="Seen.", category="taste"))
    newest, oldest = listed(studio.expert)
    assert (newest.overturned, newest.upheld) == (True, False)
    assert (oldest.overturned, oldest.upheld) == (False, True)
    assert [each.overturned for each in listed(studio.expert, overturned="yes")] == [True]


def test_filters_by_outcome_project_and_day(signed_in, studio, make_task):
    for verdict in (Verdict.APPROVE, Verdict.REJECT):
        task = make_task()
        submitted(task, studio.writer, another_text(task.pk))
        judged(studio.expert, verdict)
    assert [each.verdict for each in listed(studio.expert, verdict="reject")] == ["reject"]
    assert len(listed(studio.expert, project=str(studio.project.pk))) == 2
    assert listed(studio.expert, project="999999") == []
    day = Review.objects.latest("pk").created_at.date().isoformat()
    assert len(listed(studio.expert, since=day, until=day)) == 2
    assert listed(studio.expert, since="2999-01-01") == []
    page = signed_in(studio.expert).get(url("own"), {"since": "nonsense", "project": "x"})
    assert page.status_code == 200
    assert len(page.context["page"].rows) == 2


def test_the_list_goes_on_where_it_ended(studio, task, monkeypatch):
    monkeypatch.setattr("review.given.PAGE", 1)
    submitted(task, studio.writer, TEXT)
    judged(studio.expert, Verdict.REQUEST_CHANGES)
    write(take_next_task(person=studio.writer), TEXT.replace("500 mg", "1 g"))
    submit_revision(person=studio.writer, task_id=task.pk)
    judged(studio.expert)
    page = given_by(studio.expert, {})
    assert [each.round for each in page.rows] == [2]
    before = (
        re.search(r"before=(.+)", page.next_url).group(1).replace("%3A", ":").replace("%2B", "+")
    )
    page = given_by(studio.expert, {"before": before})
    assert [each.round for each in page.rows] == [1]
    assert page.next_url == ""


def test_empty_list_says_so(signed_in, studio):
    assert "not decided anything yet" in signed_in(studio.expert).get(url("own")).content.decode()


# Calibration items among the rest


@pytest.fixture
def both(studio, task):
    """One ordinary review and one calibration item with the same words before the same expert: addresses."""
    ProjectVersion.objects.create(
        project=studio.project,
        number=2,
        settings={"calibration_one_in": 1, "calibration_after": 0, "undo_seconds": 0},
    )
    take(person=studio.writer, task_id=task.pk)
    save_plain(person=studio.writer, task_id=task.pk, texts={"response": TEXT}, version=0)
    submit_revision(person=studio.writer, task_id=task.pk)
    add_calibration_item(
        person=studio.lead,
        project=studio.project,
        stage="expert",
        domain=studio.domain,
        title="Dose",
        content={
            "messages": task.instruction.messages,
            "requirements": task.instruction.requirements,
            "difficulty": task.instruction.difficulty,
            "response": TEXT,
        },
        flaws=[{"criterion": "accuracy", "quote": "500 mg", "words": "Not for children"}],
    )
    sitting = take_next(person=studio.expert)
    assert CalibrationSitting.objects.filter(pk=sitting).exists()
    seat = take_next(person=studio.expert, after=sitting)
    assert Seat.objects.filter(pk=seat).exists()
    return seat, sitting


def shape(client, address, name="seat", *more):
    """A page of an address without what is different between any two reviews."""
    client.get(url("home"))  # what was said once is said there
    page = client.get(url(name, address, *more)).content.decode()
    page = re.sub(r'(name="thread" value=|(?:id|for)="(?:question|answer)-)"?\d+', r"\1N", page)
    page = re.sub(r"p-[a-z0-9]{8}", "p-N", page)
    page = re.sub(r'<p class="toast.*?</p>|data-undo-until="[^"]*"', "", page, flags=re.DOTALL)
    page = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page)
    page = re.sub(r'(name="revision" value=")\d+', r"\1N", page)
    page = re.sub(r"(nonce-|nonce=\")[^\"']+", r"\1N", page)
    page = re.sub(r"(Token\W+)\w{32,}", r"\1T", page)
    page = re.sub(r"<time.*?</time>", "<time>", page, flags=re.DOTALL)
    page = re.sub(r"<dd>[^<]*</dd>", "<dd>", page)  # the figures of how it was written
    page = page.replace(f"/{address}/", "/ADDRESS/")
    return re.sub(rf'((?:value|data-\w+)=)"{address}"', r'\1"ADDRESS"', page)


def test_the_page_of_an_item_is_that_of_a_review_to_the_letter(signed_in, studio, both):
    client = signed_in(studio.expert)
    seat, sitting = both
    for address in both:
        client.post(url("comment", address), {"quote": "500 mg", "body": "For whom?"})
    assert shape(client, seat) == shape(client, sitting)
    assert seat != sitting


def test_a_question_about_an_item_is_taken_as_about_any_review(signed_in, studio, both):
    seat, sitting = both
    client = signed_in(studio.expert)
    assert shape(client, seat, "ask") == shape(client, sitting, "ask")
    question = {"to": studio.lead.pseudonym, "body": "Which guideline holds?"}
    for address in both:
        assert client.post(url("ask", address), question).url == url("ask", address)
        assert client.post(url("ask", address), {**question, "body": " "}).status_code == 422
        assert client.post(url("ask", address), {**question, "to": "x"}).status_code == 422
    assert shape(client, seat, "ask") == shape(client, sitting, "ask")
    told = [(one.title, one.body) for one in studio.lead.notifications.filter(kind="question")]
    assert told[0] == told[1]


def test_the_answer_reaches_the_reviewer_alike_and_leads_alone_know_of_what(
    signed_in, studio, both
):
    seat, sitting = both
    client = signed_in(studio.expert)
    for address in both:
        client.post(url("ask", address), {"to": studio.lead.pseudonym, "body": "Which one?"})
    client = signed_in(studio.lead)
    for address, is_known in ((seat, False), (sitting, True)):
        page = client.get(url("ask", address)).content.decode()
        assert ("calibration item" in page) is is_known
        thread = re.search(r'name="thread" value="(\d+)"', page)[1]
        client.post(url("ask", address), {"thread": thread, "body": "The newest."})
    answers = list(studio.expert.notifications.filter(kind="question").order_by("pk"))
    assert answers[0].title == answers[1].title == f"{studio.lead} answered your question"
    assert [one.url.partition("#")[0] for one in answers] == [url("ask", each) for each in both]
    client = signed_in(studio.expert)
    assert shape(client, seat, "ask") == shape(client, sitting, "ask")
    assert signed_in(studio.format).get(url("ask", sitting)).status_code == 403


def test_whom_an_item_was_described_to_is_not_given_it(studio, both):
    helper = person_with(studio.project, Role.EXPERT, domain=studio.domain)
    ask_here(person=studio.expert, address=both[1], to=str(helper.pseudonym), body="How so?")
    assert next_sitting(person=helper) is None


def test_whom_to_ask_leaves_somebody_out_as_work_does(studio, both):
    item = CalibrationItem.objects.get()
    names = {one.person for one in people_for_sitting(studio.expert, item)}
    assert names == {one.person for one in people_to_ask(studio.expert, Seat.objects.get().task)}
    assert studio.writer not in names


@pytest.mark.parametrize(
    "said",
    [
        {"body": "  "},
        {"body": "Here", "quote": "never written"},
        {"body": "", "suggests": "yes", "suggestion": "1 g"},
        {"body": "x" * 10_001},
    ],
)
def test_what_is_refused_as_a_comment_is_refused_about_an_item(signed_in, studio, both, said):
    client = signed_in(studio.expert)
    answers = [client.post(url("comment", address), said) for address in both]
    assert [one.status_code for one in answers] == [422, 422]
    assert answers[0].context["error"].message == answers[1].context["error"].message


@pytest.mark.parametrize("verdict", [Verdict.APPROVE, Verdict.REJECT])
def test_a_decided_item_is_a_decided_review_to_the_letter(signed_in, studio, both, verdict):
    client = signed_in(studio.expert)
    sent = {
        "verdict": verdict,
        "note": "So it is.",
        "mark_clarity": "fix",
        "words_clarity": "Terse",
    }
    for address in both:
        client.post(url("verdict", address), sent)
    settle_sittings(person=studio.expert)
    seat, sitting = both
    assert shape(client, seat) == shape(client, sitting)
    assert shape(client, seat, "own-seat", 1) == shape(client, sitting, "own-seat", 1)


def test_a_copy_of_ones_data_holds_the_verdicts_on_items_in_nothing_different(
    signed_in, studio, both
):
    client = signed_in(studio.expert)
    for address in both:
        client.post(url("ask", address), {"to": studio.lead.pseudonym, "body": "Which one?"})
        client.post(url("comment", address), {"quote": "500 mg", "body": "For whom?"})
        client.post(url("verdict", address), {"verdict": "approve", "mark_clarity": "fix"})
    settle_sittings(person=studio.expert)
    data = {name: list(rows) for name, rows in data_of(studio.expert)}
    first, second = data["reviews"]
    for row in (first, second):
        assert (row.pop("task__key").version, bool(row.pop("created_at"))) == (7, True)
    assert first == second
    assert first["criteria"]["accuracy"] == {"mark": "pass"}
    for name, words in (("comments", "For whom?"), ("questions", "Which one?")):
        first, second = data[name]
        for row in (first, second):
            assert (row.pop("task__key").version, bool(row.pop("created_at"))) == (7, True)
        assert first == second
        assert first["body"] == words
    events = [(one["verb"], str(one["data"])) for one in data["events"]]
    of_reviews = [one for one in events if one[0].startswith(("review.", "annotation.question"))]
    assert {of_reviews.count(one) for one in of_reviews} == {2}


def test_a_form_of_an_item_holds_the_number_of_a_revision(signed_in, studio, both):
    client = signed_in(studio.expert)
    numbers = [
        int(
            re.search(
                r'name="revision" value="(\d+)"', client.get(url("seat", each)).content.decode()
            )[1]
        )
        for each in both
    ]
    assert all(number > 0 for number in numbers)


def test_the_lists_say_the_same_of_both(signed_in, studio, both):
    client = signed_in(studio.expert)
    home = client.get(url("home")).content.decode()
    rows = re.findall(r"<tr>\s*<th scope=\"row\">.*?</tr>", home, flags=re.DOTALL)
    assert len(rows) == 2
    for address in both:
        sent = {"verdict": "reject", "note": "Not for children."}
        assert client.post(url("verdict", address), sent).status_code == 302
    settle_sittings(person=studio.expert)
    first, second = listed(studio.expert)
    alike = (
        "title",
        "project",
        "stage",
        "verdict",
        "note",
        "round",
        "now",
        "overturned",
        "released",
    )
    assert [getattr(first, name) for name in alike] == [getattr(second, name) for name in alike]
    assert {first.address, second.address} == set(both)


def test_an_item_opens_afterwards_like_any_verdict(signed_in, studio, both):
    client = signed_in(studio.expert)
    said = Judgement(note="Not for children.")
    for address in both:
        client.post(url("verdict", address), {"verdict": "reject", "note": said.note})
    settle_sittings(person=studio.expert)
    for address in both:
        page = client.get(url("own-seat", address, 1))
        assert page.status_code == 200
        assert "the verdict was “Reject”" in page.content.decode()
        assert re.search(r"p-[a-z0-9]{8}", page.content.decode())
        assert studio.writer.name not in page.content.decode()
        assert client.get(url("own-seat", address, 2)).status_code == 403


def test_a_repair_of_an_item_goes_the_way_of_any_repair(signed_in, studio):
    ProjectVersion.objects.create(
        project=studio.project,
        number=2,
        settings={"calibration_one_in": 1, "calibration_after": 0, "undo_seconds": 0},
    )
    add_calibration_item(
        person=studio.lead,
        project=studio.project,
        stage="format",
        domain=studio.domain,
        title="Dose",
        content={"messages": [{"role": "user", "content": "How much?"}], "response": TEXT},
        flaws=[{"criterion": "tone", "quote": "Ask first", "words": "Too curt"}],
    )
    address = take_next(person=studio.format)
    client = signed_in(studio.format)
    form, meaning = TEXT.replace("4 g", "**4 g**"), TEXT.replace("Ask first", "Ask a doctor first")
    assert client.post(url("repair", address), {"text": TEXT}).status_code == 409
    assert client.post(url("repair", address), {"text": form}).url == url("seat", address)
    page = client.get(url("seat", address)).content.decode()
    assert "**4 g**" in page
    assert "revision 2" in page
    assert client.post(url("repair", address), {"text": meaning}).url == url("home")
    settle_sittings()
    result = CalibrationResult.objects.get()
    assert (result.verdict, result.caught) == ("request_changes", [0])
    assert listed(studio.format) == []  # as with any repair of the meaning: no verdict was given
    assert "This review is closed." in client.get(url("seat", address)).content.decode()
    assert client.post(url("repair", address), {"text": form}).status_code == 409


def test_an_item_has_an_author_like_everything_else_and_it_is_nobody(studio):
    assert re.fullmatch(r"p-[bcdfghjkmnpqrstvwxz23456789]{8}", pseudonym_of(1))
    assert pseudonym_of(1) == pseudonym_of(1) != pseudonym_of(2)


def test_the_ledger_counts_items_as_the_work_they_are(studio, both):
    day = CalibrationItem.objects.get().created_at.date()
    seat, sitting = both
    judged(studio.expert, Verdict.REJECT)
    said = Judgement(note="Not for children.")
    decide_sitting(person=studio.expert, sitting_id=sitting, verdict=Verdict.REJECT, judgement=said)
    settle_sittings(person=studio.expert)
    work = list(_work(Period(studio.expert, None, day, day.replace(year=day.year + 1))))
    assert {each.reference for each in work} == {f"review-{seat}-1", f"review-{sitting}-1"}


def test_an_item_is_found_by_its_words_like_a_review(studio, both):
    _, sitting = both
    judged(studio.expert, Verdict.REJECT)
    said = Judgement(note="Not for children.")
    decide_sitting(person=studio.expert, sitting_id=sitting, verdict=Verdict.REJECT, judgement=said)
    settle_sittings(person=studio.expert)
    take_up_words()
    for words in ("liver disease", "hours six", "treatment choice"):
        first, second = listed(studio.expert, words=words)
        assert first.met == second.met != ""
    assert listed(studio.expert, words="penicillin") == []


def test_giving_a_verdict_asks_the_database_about_as_much(
    signed_in, studio, both, django_assert_max_num_queries
):
    """What an item costs must not tell it: both kinds of page take about the same number of questions."""
    client = signed_in(studio.expert)
    costs = []
    for address in both:
        with django_assert_max_num_queries(60) as asked:
            client.get(url("seat", address))
        costs.append(len(asked))
    assert abs(costs[0] - costs[1]) <= 6


def test_the_writing_record_of_an_item_plays_like_any(signed_in, studio, both):
    client, (_, sitting) = signed_in(studio.expert), both
    page = client.get(url("evidence", sitting)).content.decode()
    assert "Composed here" in page
    batches = client.get(url("log", sitting)).json()["batches"]
    assert [batch["sequence"] for batch in batches] == list(range(1, len(batches) + 1))
    edits = [Edit(*edit) for batch in batches for edit in batch["edits"]]
    assert replay(edits)["response"] == TEXT
