"""A person's copy of their data: all their words, what others said of their work, and nobody's name."""

import json
from uuid import uuid4

import pytest

from annotation.services.claim import take
from annotation.services.questions import answer, ask
from annotation.services.save_draft import save_draft
from annotation.services.submit import submit_revision
from annotation.writing_log import Edit
from experts.services.rights import as_json, ask_for_erasure, erase_person
from review.enums import Verdict
from review.judgement import Judgement
from review.models import SavedView
from review.services.appeal import appeal
from review.services.claim_seat import take_next_review
from review.services.comment import add_comment, answer_comment
from review.services.keep_draft import keep_draft
from review.services.repair import repair_form
from review.services.submit_review import submit_review
from tests.factories.annotation import submitted
from tests.factories.experts import UserFactory
from tests.factories.review import judged
from tests.review.conftest import TEXT, lapsed

pytestmark = pytest.mark.django_db


def copy_of(person):
    return json.loads(b"".join(as_json(person)))


def said(rows, name="body"):
    return [row[name] for row in rows]


def test_each_sees_their_words_and_what_was_said_to_them_and_no_name(studio, task):
    take(person=studio.writer, task_id=task.pk)
    save_draft(
        person=studio.writer,
        task_id=task.pk,
        sequence=1,
        session=uuid4(),
        edits=[Edit("response", 3, 0, "typed", [[0, TEXT]])],
    )
    asked = ask(person=studio.writer, task=task, to=str(studio.lead.pseudonym), body="For adults?")
    answer(person=studio.lead, question_id=asked.pk, body="For adults.")
    submit_revision(person=studio.writer, task_id=task.pk)
    seat = take_next_review(person=studio.expert)
    made = add_comment(
        person=studio.expert,
        seat_id=seat.pk,
        body="Children take less.",
        quote="500 mg",
        suggestion="250 mg",
    )
    submit_review(
        person=studio.expert,
        seat_id=seat.pk,
        revision_id=seat.revision_id,
        verdict=Verdict.REJECT,
        judgement=Judgement(
            criteria={"accuracy": {"mark": "fail", "reason": "Ten times"}}, note="Not for children."
        ),
    )
    appeal(person=studio.writer, task_id=task.pk, words="It says adults.")

    mine = copy_of(studio.writer)
    assert mine["writing_log"][0]["edits"][0][-1] == [[0, TEXT]]
    assert [(row["by_you"], row["body"]) for row in mine["questions"]] == [
        (True, "For adults?"), (False, "For adults."),
    ]  # fmt: skip
    assert said(mine["appeals"], "words") == ["It says adults."]
    assert said(mine["comments_on_your_work"], "suggestion") == ["250 mg"]
    (told,) = mine["reviews_of_your_work"]
    assert (told["verdict"], told["note"]) == ("reject", "Not for children.")
    assert told["criteria"]["accuracy"]["reason"] == "Ten times"
    assert mine["comments"] == mine["reviews"] == []

    theirs = copy_of(studio.expert)
    assert said(theirs["comments"]) == ["Children take less."]
    assert (theirs["comments"][0]["quote"], theirs["comments"][0]["stage"]) == ("500 mg", "expert")
    assert said(theirs["reviews"], "note") == ["Not for children."]
    assert theirs["questions"] == theirs["appeals"] == theirs["reviews_of_your_work"] == []
    assert [row["by_you"] for row in copy_of(studio.lead)["questions"]] == [False, True]
    assert made.task_id == task.pk
    for own, other in ((mine, studio.expert), (theirs, studio.writer)):
        for secret in (other.email, other.name, other.pseudonym):
            assert secret not in json.dumps(own)


def test_an_author_finds_their_answers_among_their_comments(studio, task):
    submitted(task, studio.writer, TEXT)
    seat = take_next_review(person=studio.expert)
    made = add_comment(person=studio.expert, seat_id=seat.pk, body="Which tablet?", quote="500 mg")
    judged(studio.expert, Verdict.REQUEST_CHANGES)
    answer_comment(person=studio.writer, comment_id=made.pk, body="The white one.")
    assert said(copy_of(studio.writer)["comments"]) == ["The white one."]
    assert said(copy_of(studio.writer)["comments_on_your_work"]) == ["Which tablet?"]


def test_words_of_reviews_that_are_open_or_were_lost(studio, make_task):
    submitted(make_task(), studio.writer, TEXT)
    seat = take_next_review(person=studio.expert)
    keep_draft(person=studio.expert, seat_id=seat.pk, judgement=Judgement(note="Half a thought"))
    assert said(copy_of(studio.expert)["reviews_under_way"], "note") == ["Half a thought"]
    lapsed(seat)
    mine = copy_of(studio.expert)
    assert said(mine["review_drafts_kept"], "note") == ["Half a thought"]
    assert mine["reviews_under_way"] == []
    # They were never handed in, so an erasure takes them.
    request = ask_for_erasure(person=studio.expert)
    erase_person(request=request, actor=UserFactory(is_superuser=True))
    assert copy_of(studio.expert)["review_drafts_kept"] == []


def test_repairs_and_saved_views(studio, task):
    submitted(task, studio.writer, TEXT)
    judged(studio.expert)
    seat = take_next_review(person=studio.format)
    repair_form(
        person=studio.format,
        seat_id=seat.pk,
        revision_id=seat.revision_id,
        text=TEXT.replace("**500 mg**", "500 mg"),
    )
    SavedView.objects.create(person=studio.format, name="Short ones", query="?words=short")
    mine = copy_of(studio.format)
    assert [row["form_only"] for row in mine["repairs"]] == [True]
    assert "500 mg" in mine["repairs"][0]["text"]
    assert said(mine["saved_views"], "name") == ["Short ones"]
