"""Comments on passages, threads, suggested edits."""

import pytest

from annotation.services.take_again import take_again
from audit.models import Event
from lib.errors import Invalid, NotAllowed
from review.enums import Answer, Verdict
from review.errors import EditNotMade, PassageGone, SuggestionNotOpen
from review.models import Comment
from review.services.claim_seat import take_next_review
from review.services.comment import add_comment, answer_comment, answer_suggestion, settle_comment
from review.threads import threads_of
from tests.factories.annotation import submitted, write
from tests.factories.review import judged
from tests.review.conftest import TEXT

pytestmark = pytest.mark.django_db


def commented(studio, task, **fields):
    seat = take_next_review(person=studio.expert)
    return seat, add_comment(person=studio.expert, seat_id=seat.pk, **fields)


def test_a_comment_keeps_its_passage_and_says_when_it_is_gone(studio, task):
    revision = submitted(task, studio.writer, TEXT)
    _, comment = commented(studio, task, body="Which weight?", quote="500 mg every six")
    thread = threads_of(task, text="Please: " + revision.text, viewer=studio.writer)[0]
    assert thread.place.start == comment.anchor["start"] + len("Please: ")
    assert thread.top.who == "Expert review"
    assert threads_of(task, text="Quite another text.", viewer=studio.writer)[0].is_gone


def test_a_comment_on_what_is_not_there_gives_the_words_back(studio, task):
    submitted(task, studio.writer, TEXT)
    with pytest.raises(PassageGone) as refusal:
        commented(studio, task, body="My words", quote="never written")
    assert refusal.value.kept_text == "My words"
    with pytest.raises(Invalid):
        commented(studio, task, body="  ")


def test_threads_are_answered_and_settled_by_those_concerned(studio, task):
    submitted(task, studio.writer, TEXT)
    _, comment = commented(studio, task, body="Why?")
    answer_comment(person=studio.writer, comment_id=comment.pk, body="Because.")
    with pytest.raises(NotAllowed):
        answer_comment(person=studio.format, comment_id=comment.pk, body="And I say")
    settle_comment(person=studio.writer, comment_id=comment.pk, settled=True)
    assert not threads_of(task, text=TEXT, viewer=studio.expert)[0].is_open
    settle_comment(person=studio.expert, comment_id=comment.pk, settled=False)
    thread = threads_of(task, text=TEXT, viewer=studio.expert)[0]
    assert [line.who for line in thread.answers] == ["The author"]
    assert threads_of(task, text=TEXT, viewer=studio.format) == []


@pytest.fixture
def suggested(studio, task):
    """A suggested edit in a response that came back and is being written again."""
    submitted(task, studio.writer, TEXT)
    _, comment = commented(
        studio, task, body="", quote="Ask first", suggestion="Ask a doctor first"
    )
    judged(studio.expert, Verdict.REQUEST_CHANGES)
    take_again(person=studio.writer, task_id=task.pk)
    return comment


def test_a_suggested_edit_is_answered_by_the_author_alone(studio, suggested):
    with pytest.raises(NotAllowed):
        answer_suggestion(person=studio.expert, comment_id=suggested.pk, answer=Answer.ACCEPTED)
    answer_suggestion(
        person=studio.writer, comment_id=suggested.pk, answer=Answer.ACCEPTED, made=True
    )
    kept = Comment.objects.get()
    assert (kept.answer, kept.resolved_by) == (Answer.ACCEPTED, studio.writer)
    assert Event.objects.filter(verb="review.suggestion_accepted").exists()


def test_an_edit_that_was_not_made_is_not_called_taken_over(studio, task, suggested):
    with pytest.raises(EditNotMade):
        answer_suggestion(person=studio.writer, comment_id=suggested.pk, answer=Answer.ACCEPTED)
    write(
        task.assignments.get(expert=studio.writer), TEXT.replace("Ask first", "Ask a doctor first")
    )
    answer_suggestion(person=studio.writer, comment_id=suggested.pk, answer=Answer.ACCEPTED)
    assert Comment.objects.get().answer == Answer.ACCEPTED


def test_a_suggested_edit_is_answered_while_writing_and_at_no_other_time(studio, task):
    submitted(task, studio.writer, TEXT)
    _, comment = commented(studio, task, body="", quote="Ask first", suggestion="Ask whom")
    for answer in Answer:
        with pytest.raises(SuggestionNotOpen):
            answer_suggestion(person=studio.writer, comment_id=comment.pk, answer=answer, made=True)


def test_an_author_who_opens_a_suggestion_again_may_answer_anew(studio, suggested):
    answer_suggestion(person=studio.writer, comment_id=suggested.pk, answer=Answer.DECLINED)
    settle_comment(person=studio.expert, comment_id=suggested.pk, settled=False)
    assert Comment.objects.get().answer == Answer.DECLINED
    settle_comment(person=studio.writer, comment_id=suggested.pk, settled=False)
    assert Comment.objects.get().answer == ""
    answer_suggestion(
        person=studio.writer, comment_id=suggested.pk, answer=Answer.ACCEPTED, made=True
    )
