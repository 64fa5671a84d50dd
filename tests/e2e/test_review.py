"""Reviewing in a real browser: two people, one after the other, at once."""

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from annotation.enums import TaskState
from annotation.models import Assignment
from annotation.services.claim import take, take_next
from annotation.services.submit import submit_revision
from experts.enums import Role
from review.enums import SeatState, Verdict
from review.models import Review, Seat
from review.services.claim_seat import take_next_review
from review.services.comment import add_comment
from review.services.give_verdict import settle_own
from review.services.submit_review import submit_review
from tests.bench.world import copy_rows
from tests.e2e.browser import NARROW, WIDE, axe_violations, photograph, sideways_scroll
from tests.factories.annotation import InstructionFactory, TaskFactory, submitted, write
from tests.factories.experts import person_with
from tests.factories.review import judged
from tests.review.conftest import WANTED, another_text, five_thousand_lines

TEXT = """Take **500 mg** of paracetamol every six hours, at most 4 g a day.

- Below 50 kg the limit is lower.
- With liver disease, ask first.
"""


@pytest.fixture
def studio(transactional_db, studio):
    return studio


@pytest.fixture
def task(studio):
    return TaskFactory(
        instruction=InstructionFactory(
            project=studio.project,
            domain=studio.domain,
            messages=[
                {"role": "system", "content": "Answer for adults without other illnesses."},
                {
                    "role": "user",
                    "content": "How much paracetamol may I take in a day?\nI weigh 70 kg.",
                },
            ],
            requirements=[
                {"id": "r1", "text": "Name the largest daily dose.", "kind": "ask"},
                {"id": "r2", "text": "At most 120 words.", "kind": "constraint"},
            ],
            evidence=[
                {
                    "id": "e1",
                    "title": "Leaflet",
                    "text": "Adults: 500 mg to 1 g, at most 4 g in 24 hours.",
                }
            ],
        )
    )


def take_review(page, site):
    page.goto(f"{site}/review/")
    page.get_by_role("button", name="Take next review").click()
    expect(page.get_by_role("heading", name="Response")).to_be_visible()


def looked_at(page, name):
    if folder := os.environ.get("PHOTOGRAPHS"):
        photograph(page, Path(folder), name)


def test_expert_approves_and_the_format_reviewer_has_it_at_once(visitor, site, studio, task):
    submitted(task, studio.writer, TEXT)
    expert = visitor(studio.expert)
    take_review(expert, site)
    looked_at(expert, "seat")
    expert.get_by_role("button", name="Approve").click()
    expect(expert.get_by_role("button", name="Undo")).to_be_visible()
    looked_at(expert, "home")
    other = visitor(studio.format)
    take_review(other, site)
    looked_at(other, "format")
    other.get_by_role("button", name="Approve").click()
    expect(other.get_by_role("button", name="Undo")).to_be_visible()
    task.refresh_from_db()
    assert task.state == TaskState.FORMAT_REVIEW


def second_round(studio, task):
    """The expert asked for changes, the author rewrote, the same expert is asked again."""
    submitted(task, studio.writer, TEXT)
    seat = take_next_review(person=studio.expert)
    add_comment(person=studio.expert, seat_id=seat.pk, body="Say for which weight.", quote="500 mg")
    add_comment(
        person=studio.expert,
        seat_id=seat.pk,
        body="Plainer.",
        quote="With liver disease, ask first.",
        suggestion="With liver disease, ask a doctor first.",
    )
    submit_review(
        person=studio.expert,
        seat_id=seat.pk,
        revision_id=seat.revision_id,
        verdict=Verdict.REQUEST_CHANGES,
        note="Name the weight the dose is meant for.",
        criteria={
            "completeness": {
                "mark": "fix",
                "reason": "The limit below 50 kg is missing.",
                "severity": "minor",
            }
        },
    )
    return seat


def rewritten(studio, text):
    assignment = take_next(person=studio.writer)
    write(assignment, text)
    return submit_revision(person=studio.writer, task_id=assignment.task_id)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, NARROW])
def test_second_round_opens_on_the_difference(visitor, site, studio, task, size, theme):
    second_round(studio, task)
    rewritten(
        studio, TEXT.replace("500 mg", "1 g").replace("limit is lower", "limit is 60 mg per kg")
    )
    expert = visitor(studio.expert, size=size, theme=theme)
    take_review(expert, site)
    then = expert.get_by_role("region", name="What you said then")
    for said in ("Name the weight the dose is meant for.", "The limit below 50 kg", "Plainer."):
        expect(then).to_contain_text(said)
    expect(then).to_contain_text("not in the text any more")
    expect(expert.locator("#comments .comment")).to_have_count(0)
    assert expert.locator(".diff ins").first.inner_text()
    looked_at(expert, f"round-{size[0]}-{theme}")
    assert axe_violations(expert) == []
    assert sideways_scroll(expert) == 0


def test_request_without_words_is_refused_and_keeps_everything(visitor, site, studio, task):
    submitted(task, studio.writer, TEXT)
    expert = visitor(studio.expert)
    take_review(expert, site)
    fix = expert.get_by_role("group", name="Accuracy").get_by_label("Fix")
    fix.check()
    expert.get_by_role("button", name="Request changes").click()
    expect(expert.get_by_role("alert")).to_contain_text("needs a reason")
    assert fix.is_checked()
    expect(expert.get_by_label("Reason")).to_be_focused()
    expect(expert.get_by_role("alert")).to_be_in_viewport()
    looked_at(expert, "refused")


def test_keyboard_alone_and_undo(visitor, site, studio, task):
    submitted(task, studio.writer, TEXT)
    expert = visitor(studio.expert)
    take_review(expert, site)
    expert.keyboard.press("r")
    expect(expert.get_by_label("Reason")).to_be_focused()
    expert.keyboard.type("Name the source.")
    expect(expert.get_by_role("status").filter(has_text="Saved").first).to_be_visible()
    expert.keyboard.press("Escape")
    expert.get_by_role("heading", name="Response").click()
    expert.keyboard.press("r")
    expect(expert.get_by_role("button", name="Undo")).to_be_visible()
    expert.keyboard.press("u")
    expect(expert.get_by_label("Reason")).to_have_value("Name the source.")
    task.refresh_from_db()
    assert task.state == TaskState.EXPERT_REVIEW


def test_selected_words_become_a_comment(visitor, site, studio, task):
    submitted(task, studio.writer, TEXT)
    expert = visitor(studio.expert)
    take_review(expert, site)
    expert.locator("#pane-rendered strong").dblclick(position={"x": 6, "y": 8})
    expert.keyboard.press("c")
    expect(expert.get_by_label("Comment", exact=True)).to_be_focused()
    expect(expert.get_by_label("Passage", exact=True)).not_to_have_value("")
    expert.keyboard.type("For which weight?")
    expert.get_by_role("button", name="Add comment").click()
    expect(expert.locator("#comments .said")).to_have_text("For which weight?")
    looked_at(expert, "comment")


def test_author_reads_reasons_without_a_name_and_appeals(visitor, site, studio, task):
    second_round(studio, task)
    author = visitor(studio.writer)
    author.goto(f"{site}/write/")
    said = author.locator("main").inner_text()
    assert "Name the weight the dose is meant for." in said
    assert studio.expert.name not in said
    looked_at(author, "author")
    author.get_by_text("You see it otherwise?").click()
    author.get_by_label("Why it should be looked at again").fill("The question names the weight.")
    author.get_by_role("button", name="Appeal").click()
    expect(author.locator("main")).to_contain_text("You appealed")
    lead = visitor(studio.lead)
    take_review(lead, site)
    expect(lead.locator("main")).to_contain_text("The question names the weight.")
    looked_at(lead, "adjudication")


@pytest.mark.parametrize(("theme", "size"), [("light", WIDE), ("dark", NARROW)])
def test_figures_grid_and_calibration_pages_hold_up(visitor, site, studio, task, theme, size):
    submitted(task, studio.writer, TEXT)
    for person, verdict in ((studio.expert, Verdict.APPROVE),):
        seat = take_next_review(person=person)
        submit_review(person=person, seat_id=seat.pk, revision_id=seat.revision_id, verdict=verdict)
    for person, addresses in (
        (studio.lead, ["quality/", "quality/rows/", "calibration/", "calibration/new/"]),
        (studio.lead, [f"projects/{studio.project.slug}/"]),
        (studio.format, ["", "ready/"]),
    ):
        page = visitor(person, theme=theme, size=size)
        for address in addresses:
            page.goto(f"{site}/review/{address}")
            name = address.strip("/").replace("/", "-") or "home-waiting"
            looked_at(page, f"{name}-{size[0]}-{theme}")
            assert axe_violations(page) == [], address
            assert sideways_scroll(page) == 0, address


LOOKS = [("light", WIDE), ("dark", WIDE), ("light", NARROW), ("dark", NARROW)]


def ready_for_format(studio, count):
    """So many responses that an expert has passed, each with words of its own."""
    for number in range(count):
        made = TaskFactory(
            instruction=InstructionFactory(
                project=studio.project,
                domain=studio.domain,
                requirements=[{"id": "r1", "text": "Name the dose.", "kind": "ask"}],
            )
        )
        submitted(made, studio.writer, another_text(number))
        judged(studio.expert)


@pytest.mark.parametrize(("theme", "size"), LOOKS)
def test_what_was_found_of_a_source_comes_back_on_ones_own_page(
    visitor, site, studio, task, theme, size
):
    assignment = take(person=studio.writer, task_id=task.pk)
    write(assignment, TEXT)
    named = [
        {
            "id": "s1",
            "citation": "Leaflet of the maker, 2024",
            "link": "https://example.org/leaflet",
            "quotation": "Adults: at most 4 g in 24 hours.",
            "quote": "at most 4 g a day",
        },
        {"id": "s2", "citation": "Handbook of pain, chapter 3"},
    ]
    Assignment.objects.filter(pk=assignment.pk).update(extras={"sources": named})
    submit_revision(person=studio.writer, task_id=task.pk)
    expert = visitor(studio.expert, theme=theme, size=size)
    take_review(expert, site)
    leaflet = expert.get_by_role("group", name="Leaflet of the maker, 2024")
    leaflet.get_by_label("Supports the claim").check()
    leaflet.get_by_label("What you found").fill("Page 2.")
    expert.get_by_role("group", name="Handbook of pain").get_by_label("Could not open it").check()
    expect(expert.get_by_role("status").filter(has_text="Saved").first).to_be_visible()
    looked_at(expert, f"sources-{size[0]}-{theme}")
    assert axe_violations(expert) == []
    assert sideways_scroll(expert) == 0
    expert.get_by_role("button", name="Approve").click()
    expect(expert.get_by_role("button", name="Undo")).to_be_visible()
    settle_own(studio.expert)
    expert.goto(f"{site}/review/own/")
    looked_at(expert, f"own-{size[0]}-{theme}")
    assert axe_violations(expert) == []
    assert sideways_scroll(expert) == 0
    expert.get_by_role("link", name="How much paracetamol may I take").click()
    again = expert.get_by_role("group", name="Leaflet of the maker, 2024")
    expect(again.get_by_label("Supports the claim")).to_be_checked()
    expect(expert.get_by_text("the verdict was “Approve”")).to_be_visible()
    assert expert.get_by_role("button", name="Approve").count() == 0
    looked_at(expert, f"as-it-was-{size[0]}-{theme}")
    assert axe_violations(expert) == []
    assert sideways_scroll(expert) == 0


@pytest.mark.parametrize(("theme", "size"), LOOKS)
def test_strictness_over_time_is_drawn_with_its_numbers(visitor, site, studio, task, theme, size):
    submitted(task, studio.writer, TEXT)
    review = judged(studio.expert)
    other = person_with(studio.project, Role.EXPERT, domain=studio.domain)
    week = "date_trunc('week', now()) - (1 + n % 12) * interval '1 week' + interval '1 day'"
    verdict = "CASE WHEN n % 12 < 4 AND n / 12 % 3 = 0 THEN 'reject' ELSE 'approve' END"
    copy_rows(Review, review, 360, first=10_000, created_at=week, verdict=verdict, note="'Words'",
              number="1000 + n")  # fmt: skip
    copy_rows(Review, review, 360, first=20_000, created_at=week, reviewer_id=str(other.pk),
              number="2000 + n", verdict="CASE WHEN n % 10 = 0 THEN 'reject' ELSE 'approve' END",
              note="'Words'")  # fmt: skip
    lead = visitor(studio.lead, theme=theme, size=size)
    lead.goto(f"{site}/review/quality/")
    looked_at(lead, f"quality-{size[0]}-{theme}")
    assert axe_violations(lead) == []
    assert sideways_scroll(lead) == 0
    lead.get_by_role("link", name=f"the weeks of {studio.expert.name}").click()
    expect(lead.locator("figure canvas").first).to_be_visible()
    lead.get_by_text("Show the numbers").first.click()
    looked_at(lead, f"reviewer-{size[0]}-{theme}")
    assert axe_violations(lead) == []
    assert sideways_scroll(lead) == 0
    lead.locator("figure td a").first.click()
    expect(lead.get_by_role("heading", name="Reviews behind the figure")).to_be_visible()
    looked_at(lead, f"rows-{size[0]}-{theme}")


@pytest.mark.parametrize(("theme", "size"), LOOKS)
def test_format_review_shows_all_four_readings(visitor, site, studio, theme, size):
    ready_for_format(studio, 1)
    reviewer = visitor(studio.format, theme=theme, size=size)
    take_review(reviewer, site)
    looked_at(reviewer, f"format-{size[0]}-{theme}")
    for tab in ("As typed", "As the model sees it", "Tokens"):
        reviewer.get_by_role("tab", name=tab).click()
        pane = reviewer.get_by_role("tabpanel", name=tab)
        expect(pane).to_be_visible()
        expect(pane).not_to_contain_text("…", timeout=20_000)
        looked_at(reviewer, f"tab-{tab.split()[-1]}-{size[0]}-{theme}")
    assert axe_violations(reviewer) == []
    assert sideways_scroll(reviewer) == 0


def test_green_items_pass_together_by_keyboard_alone_and_some_are_kept_back(visitor, site, studio):
    ready_for_format(studio, 6)
    reviewer = visitor(studio.format)
    reviewer.goto(f"{site}/review/ready/")
    reviewer.get_by_label("All green only").focus()
    reviewer.keyboard.press("Space")
    reviewer.keyboard.press("Enter")
    expect(reviewer).to_have_url(re.compile("green=yes"))
    reviewer.get_by_label("Keep these filters as").focus()
    reviewer.keyboard.type("Green ones")
    reviewer.keyboard.press("Enter")
    expect(reviewer.get_by_role("link", name="Green ones")).to_be_visible()
    looked_at(reviewer, "ready-kept-view")
    boxes = reviewer.get_by_role("checkbox", name="Pass ")
    expect(boxes).to_have_count(6)
    boxes.first.focus()
    reviewer.keyboard.press("Space")
    expect(reviewer.get_by_role("status").filter(has_text="1 ticked")).to_be_visible()
    reviewer.get_by_role("button", name="Tick all green ones").focus()
    reviewer.keyboard.press("Enter")
    expect(reviewer.get_by_role("button", name="Tick none")).to_be_visible()
    reviewer.get_by_role("button", name="Pass the ticked ones").focus()
    reviewer.keyboard.press("Enter")
    told = reviewer.locator("main, [role=status], .notice")
    expect(told.filter(has_text="passed").first).to_be_visible()
    looked_at(reviewer, "ready-passed")
    passed = Review.objects.filter(bulk=True).count()
    kept = Seat.objects.filter(reviewer=studio.format, state=SeatState.HELD).count()
    assert passed + kept == 6


def test_the_first_letter_after_the_key_belongs_to_the_comment_on_what_is_selected_now(
    visitor, site, studio, task
):
    submitted(task, studio.writer, TEXT)
    expert = visitor(studio.expert)
    take_review(expert, site)
    expert.locator("#pane-rendered li").last.click(click_count=3)
    expert.keyboard.press("c")
    expert.keyboard.type("Ask whom?")  # its first letter is the key that approves
    expect(expert.get_by_label("Comment", exact=True)).to_have_value("Ask whom?")
    expect(expert.get_by_label("Passage", exact=True)).to_have_value(
        "With liver disease, ask first."
    )
    expert.get_by_role("heading", name="Response").click()
    expert.keyboard.press("c")
    expect(expert.get_by_label("Comment", exact=True)).to_be_focused()


def test_a_second_round_of_five_thousand_lines_keeps_the_verdict_within_reach(
    visitor, site, studio, task
):
    second_round(studio, task)
    assignment = take_next(person=studio.writer)
    write(assignment, five_thousand_lines())
    submit_revision(person=studio.writer, task_id=task.pk, reasons=WANTED)
    expert = visitor(studio.expert, size=NARROW)
    take_review(expert, site)
    assert expert.evaluate("document.body.scrollHeight") < 8 * NARROW[1]
    assert axe_violations(expert) == []
    assert sideways_scroll(expert) == 0
    expert.keyboard.press("r")
    expert.keyboard.type("Shorter, please.")
    expert.get_by_role("button", name="Request changes").click()
    expect(expert.get_by_role("button", name="Undo")).to_be_visible()


@pytest.mark.parametrize(("theme", "size"), LOOKS)
def test_a_reason_is_chosen_by_keyboard_and_kept(visitor, site, studio, task, theme, size):
    submitted(task, studio.writer, TEXT)
    expert = visitor(studio.expert, theme=theme, size=size)
    take_review(expert, site)
    choice = expert.get_by_role("button", name="It could be followed literally with harm.")
    expect(choice).to_be_hidden()
    expert.get_by_role("group", name="Safety", exact=True).get_by_label("Fail").check()
    choice.focus()
    expert.keyboard.press("Enter")
    field = expert.get_by_label("Safety: what is amiss")
    expect(field).to_have_value("It could be followed literally with harm.")
    expect(field).to_be_focused()
    expect(expert.get_by_role("status").filter(has_text="Saved").first).to_be_visible()
    looked_at(expert, f"canned-{size[0]}-{theme}")
    assert axe_violations(expert) == []
    assert sideways_scroll(expert) == 0
    expert.reload()
    expect(field).to_have_value("It could be followed literally with harm.")


def test_without_a_line_a_verdict_and_its_undo_stay_on_the_page(
    visitor, site, studio, task, troubles
):
    troubles.allow("ERR_INTERNET_DISCONNECTED")
    submitted(task, studio.writer, TEXT)
    expert = visitor(studio.expert)
    take_review(expert, site)
    expert.context.set_offline(True)
    reason = expert.get_by_label("Reason", exact=True)
    reason.fill("Name the dose.")
    expert.get_by_role("button", name="Request changes").click()
    expect(expert.get_by_text("nothing was sent")).to_be_visible()
    expect(reason).to_have_value("Name the dose.")
    expert.context.set_offline(False)
    expert.get_by_role("button", name="Request changes").click()
    undo = expert.get_by_role("button", name="Undo")
    expect(undo).to_be_visible()
    expert.context.set_offline(True)
    undo.click()
    expect(expert.get_by_text("nothing was taken back yet")).to_be_visible()
    expert.context.set_offline(False)
    undo.click()
    expect(reason).to_have_value("Name the dose.")
