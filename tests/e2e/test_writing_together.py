"""The writing page with other people in it: suggested edits, questions by name, files that belong to the instruction."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from annotation import attachments
from annotation.models import Question
from annotation.services.claim import take
from annotation.services.save_draft import save_plain
from annotation.services.submit import submit_revision
from annotation.services.take_again import take_again
from review.enums import Verdict
from review.models import Comment
from review.services.claim_seat import take_next_review
from review.services.comment import add_comment
from tests.annotation.test_attachments import pdf, png
from tests.e2e.browser import NARROW, axe_violations, sideways_scroll
from tests.factories.annotation import InstructionFactory, TaskFactory
from tests.factories.review import judged

TEXT = "Ask first about allergies. Then take 500 mg every six hours."


@pytest.fixture
def studio(transactional_db, studio):
    return studio


@pytest.fixture
def task(studio):
    return TaskFactory(instruction=InstructionFactory(project=studio.project, domain=studio.domain))


@pytest.fixture
def open_page(visitor, site, studio):
    def opened(task, person=None, **options):
        page = visitor(person or studio.writer, **options)
        page.goto(f"{site}/write/{task.pk}/")
        return page

    return opened


def saved(page):
    expect(page.locator("[data-save-status]")).to_have_text("Saved", timeout=10_000)


def suggested(studio, task, *, begun=True):
    """The response came back with two suggested edits, and its author goes on with it."""
    take(person=studio.writer, task_id=task.pk)
    save_plain(person=studio.writer, task_id=task.pk, texts={"response": TEXT}, version=0)
    submit_revision(person=studio.writer, task_id=task.pk)
    seat = take_next_review(person=studio.expert)
    for quote, words in (("500 mg", "1 g"), ("Ask first", "Ask a doctor first")):
        add_comment(
            person=studio.expert, seat_id=seat.pk, body="So it reads better.",
            quote=quote, suggestion=words,
        )  # fmt: skip
    judged(studio.expert, Verdict.REQUEST_CHANGES)
    if begun:
        take_again(person=studio.writer, task_id=task.pk)


def test_where_no_text_can_be_edited_no_edit_can_be_taken_over(studio, task, visitor, site):
    suggested(studio, task, begun=False)
    page = visitor(studio.writer)
    for address in ("", f"{task.pk}/"):
        page.goto(f"{site}/write/{address}")
        expect(page.get_by_text("Go on with it to take the suggested edits over")).to_be_visible()
        expect(page.get_by_role("button", name="Take it over")).to_have_count(0)


def test_suggested_edits_are_taken_over_or_left_by_one_key(studio, task, open_page):
    suggested(studio, task)
    page = open_page(task)
    box = page.get_by_label("Response", exact=True)
    expect(page.locator("[data-suggestion]")).to_have_count(2)
    box.click()
    page.keyboard.press("Alt+n")
    expect(page.locator("[data-suggestion]")).to_have_count(1)
    page.keyboard.press("Alt+y")
    expect(page.locator("[data-suggestion]")).to_have_count(0)
    expect(box).to_have_text(TEXT.replace("500 mg", "1 g"))
    saved(page)
    assert sorted(Comment.objects.values_list("answer", flat=True)) == ["accepted", "declined"]
    page.get_by_role("button", name="Submit for review").click()
    page.wait_for_url("**/write/")
    revision = task.revisions.latest("number")
    assert revision.text == TEXT.replace("500 mg", "1 g")
    assert revision.log_summary["shares"]["suggested"] > 0


def test_a_suggested_edit_is_taken_back_by_one_undo(studio, task, open_page):
    suggested(studio, task)
    page = open_page(task)
    box = page.get_by_label("Response", exact=True)
    box.click()
    page.keyboard.press("Alt+y")
    expect(box).to_contain_text("a doctor")
    box.press("Control+z")
    expect(box).to_have_text(TEXT)


def test_a_passage_that_is_gone_is_said_and_nothing_changes(studio, task, open_page, troubles):
    troubles.allow("Applying inline style")  # Chromium's own, when styled words are written over
    suggested(studio, task)
    page = open_page(task)
    box = page.get_by_label("Response", exact=True)
    box.fill("Quite another text.")
    page.keyboard.press("Alt+y")
    expect(page.get_by_text("This passage is not in your text as it was")).to_be_visible()
    expect(box).to_have_text("Quite another text.")


def test_an_edit_made_by_hand_can_be_called_taken_over(studio, task, open_page, troubles):
    troubles.allow("Applying inline style")
    suggested(studio, task)
    page = open_page(task)
    page.get_by_label("Response", exact=True).fill(TEXT.replace("500 mg", "1 g"))
    thread = page.locator("[data-comment]").filter(has_text="500 mg")
    thread.get_by_role("button", name="Take it over").click()
    expect(page.get_by_text("Suggested edit: accepted")).to_be_visible()
    expect(page.get_by_text("not in the text any more")).to_have_count(0)


def test_a_question_is_asked_and_answered_without_leaving_the_text(
    studio, task, open_page, visitor, site
):
    take(person=studio.writer, task_id=task.pk)
    page = open_page(task)
    box = page.get_by_label("Response", exact=True)
    box.fill("Half a sentence")
    page.get_by_text("Ask somebody about this task").click()
    page.get_by_label("Whom to ask").select_option(str(studio.lead.pseudonym))
    page.get_by_label("Question").fill("Is this for adults?")
    page.get_by_role("button", name="Send question").click()
    expect(page.get_by_text("Sent. You are told when there is an answer.")).to_be_visible()
    expect(box).to_have_text("Half a sentence")
    lead = visitor(studio.lead)
    lead.goto(site + reverse("people:inbox"))
    lead.get_by_role("button", name="Open").first.click()
    expect(lead.locator("main")).to_contain_text("Is this for adults?")
    expect(lead.locator("main")).not_to_contain_text("Half a sentence")
    assert axe_violations(lead) == []
    lead.get_by_label("Answer").fill("Adults only.")
    lead.get_by_role("button", name="Send answer").click()
    expect(lead.locator("#questions")).to_contain_text("Adults only.")
    saved(page)
    page.reload()
    expect(page.locator("#questions")).to_contain_text("Adults only.")
    assert Question.objects.count() == 2


@pytest.mark.parametrize("size", [(1440, 900), NARROW])
def test_images_and_documents_are_shown_in_the_page(studio, open_page, settings, tmp_path, size):
    settings.MEDIA_ROOT = tmp_path
    files = [
        attachments.keep(png(400, 300)) | {"name": "scan.png", "description": "A red field"},
        attachments.keep(pdf()) | {"name": "leaflet.pdf"},
    ]
    instruction = InstructionFactory(
        project=studio.project, domain=studio.domain, attachments=files
    )
    task = TaskFactory(instruction=instruction)
    take(person=studio.writer, task_id=task.pk)
    page = open_page(task, size=size)
    picture = page.get_by_role("img", name="A red field")
    picture.scroll_into_view_if_needed()
    expect(picture).to_have_js_property("naturalWidth", 400)
    assert sideways_scroll(page) <= 0
    frame = page.locator("iframe[title='leaflet.pdf']")
    answer = page.request.get(page.url + "../attachments/x/y/")
    assert answer.status == 404
    fetched = page.evaluate(
        "address => fetch(address).then((a) => a.headers.get('content-type'))",
        frame.get_attribute("src"),
    )
    assert fetched == "application/pdf"
    assert page.get_by_role("link", name="leaflet.pdf").get_attribute("href")
    assert axe_violations(page) == []
