"""Whose review it is: lapsed leases, recusals, putting aside, taking by choice, second accounts."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from annotation.services.claim import take_next as take_next_task
from annotation.services.submit import submit_revision
from experts.enums import Role
from lib.errors import DomainError
from review.enums import SeatState, Verdict
from review.errors import (
    AuthorUnderAnotherName,
    NothingElseToReview,
    NothingToReview,
    NotYourSeat,
    SeatLost,
)
from review.judgement import Judgement
from review.models import Seat
from review.queries import with_person
from review.services.claim_seat import go_on, take_free_seat, take_next_review, take_seat
from review.services.keep_draft import keep_draft
from review.services.submit_review import submit_review
from review.services.take_next import take_another, take_next
from tests.factories.annotation import submitted, write
from tests.factories.experts import person_with
from tests.factories.review import judged
from tests.review.conftest import TEXT, another_text, lapsed, second_account

pytestmark = pytest.mark.django_db


def test_the_author_under_a_second_account_is_given_nothing_of_theirs(studio, task):
    submitted(task, studio.writer, TEXT)
    other = second_account(studio)
    with pytest.raises(NothingToReview):
        take_next_review(person=other)
    with pytest.raises(AuthorUnderAnotherName):
        take_free_seat(person=other, seat_id=Seat.objects.get().pk)
    assert take_next_review(person=studio.expert).task_id == task.pk


def test_a_lapsed_review_is_free_and_its_words_are_not_shown_to_others(studio, task):
    submitted(task, studio.writer, TEXT)
    seat = take_next_review(person=studio.expert)
    keep_draft(person=studio.expert, seat_id=seat.pk, judgement=Judgement(note="Half a thought"))
    lapsed(seat)
    with pytest.raises(SeatLost):
        keep_draft(
            person=studio.expert, seat_id=seat.pk, judgement=Judgement(note="A whole thought")
        )
    other = person_with(studio.project, Role.EXPERT, domain=studio.domain)
    assert take_next_review(person=other).draft == {}
    lapsed(seat)
    assert take_next_review(person=studio.expert).draft["note"] == "A whole thought"


def test_going_on_to_a_review_renews_its_lease_while_it_is_held(studio, task):
    submitted(task, studio.writer, TEXT)
    seat = take_next_review(person=studio.expert)
    keep_draft(person=studio.expert, seat_id=seat.pk, judgement=Judgement(note="Half a thought"))
    Seat.objects.update(leased_until=timezone.now() + timedelta(minutes=1))
    assert take_next(person=studio.expert) == seat.pk
    seat.refresh_from_db()
    assert seat.leased_until > timezone.now() + timedelta(minutes=59)
    assert seat.draft["note"] == "Half a thought"
    lapsed(seat)
    assert not go_on(person=studio.expert, seat_id=seat.pk)
    assert Seat.objects.get().state == SeatState.OPEN


def test_a_returned_review_waits_for_the_same_person(studio, task):
    submitted(task, studio.writer, TEXT)
    judged(studio.expert, Verdict.REQUEST_CHANGES)
    write(take_next_task(person=studio.writer), TEXT + "More.")
    submit_revision(person=studio.writer, task_id=task.pk)
    seat = take_next_review(person=studio.expert)
    lapsed(seat)
    seat.refresh_from_db()
    assert seat.state == SeatState.RESERVED
    assert take_seat(person=studio.expert, seat_id=seat.pk).state == SeatState.HELD


def test_recusal_frees_the_seat_for_somebody_else(studio, task):
    submitted(task, studio.writer, TEXT)
    judged(studio.expert, Verdict.RECUSE)
    with pytest.raises(NothingToReview):
        take_next_review(person=studio.expert)
    other = person_with(studio.project, Role.EXPERT, domain=studio.domain)
    assert take_next_review(person=other).task_id == task.pk


def test_putting_aside_takes_another(studio, make_task):
    first, second = make_task(), make_task()
    submitted(first, studio.writer, TEXT)
    seat = take_next_review(person=studio.expert)
    with pytest.raises(NothingToReview):
        take_next_review(person=studio.expert, after=seat.pk)
    submitted(second, studio.writer, another_text(2))
    assert take_next_review(person=studio.expert, after=seat.pk).task_id == second.pk


def test_putting_aside_goes_on_to_what_was_not(studio, make_task):
    """Never back and forth between two; when nothing else is left, it says so, and the button brings them in turn."""
    for number in range(3):
        submitted(make_task(), studio.writer, another_text(number))
    expert = studio.expert
    first = take_next(person=expert)
    second = take_another(person=expert, address=first)
    third = take_another(person=expert, address=second)
    assert len({first, second, third}) == 3
    with pytest.raises(NothingElseToReview, match="No other review"):
        take_another(person=expert, address=third)
    assert [seat.pk for seat in with_person(expert)] == [first, second, third]
    # Whatever is new comes before it, also for the button.
    submitted(make_task(), studio.writer, another_text(3))
    fourth = take_next(person=expert)
    assert fourth not in {first, second, third}
    with pytest.raises(NothingElseToReview):
        take_another(person=expert, address=fourth)
    came = []
    for _ in range(4):
        came.append(take_next(person=expert))
        with pytest.raises(NothingElseToReview):
            take_another(person=expert, address=came[-1])
    assert came == [first, second, third, fourth]


def test_what_was_put_aside_is_at_hand_again_once_it_is_taken_up(studio, make_task):
    for number in range(2):
        submitted(make_task(), studio.writer, another_text(number))
    first = take_next(person=studio.expert)
    second = take_another(person=studio.expert, address=first)
    take_seat(person=studio.expert, seat_id=first)
    assert [seat.pk for seat in with_person(studio.expert)] == [first, second]
    assert take_another(person=studio.expert, address=second) == first
    with pytest.raises(NotYourSeat):
        take_another(person=studio.writer, address=first)


def test_a_new_round_is_not_put_aside(studio, task):
    submitted(task, studio.writer, TEXT)
    seat = take_next(person=studio.expert)
    with pytest.raises(NothingElseToReview):
        take_another(person=studio.expert, address=seat)
    judged_again = take_next(person=studio.expert)
    with pytest.raises(NothingElseToReview):
        take_another(person=studio.expert, address=judged_again)
    submit_review(
        person=studio.expert,
        seat_id=seat,
        revision_id=task.current_revision_id,
        verdict=Verdict.REQUEST_CHANGES,
        note="Please name the dose.",
    )
    write(take_next_task(person=studio.writer), TEXT.replace("500 mg", "1 g"))
    submit_revision(person=studio.writer, task_id=task.pk)
    again = Seat.objects.get(pk=seat)
    assert (again.state, again.round, again.put_aside_at) == (SeatState.RESERVED, 2, None)


def test_the_button_says_when_there_is_no_other(studio, task, client):
    submitted(task, studio.writer, TEXT)
    seat = take_next(person=studio.expert)
    client.force_login(studio.expert)
    assert "Put aside, take another" in client.get(reverse("review:seat", args=[seat])).text
    answer = client.post(reverse("review:put-aside", args=[seat]), follow=True)
    assert answer.redirect_chain[-1][0] == reverse("review:home")
    assert "No other review is there for you right now." in answer.text
    assert "Put aside" in answer.text
    # It waits there as the last, and the one button leads back to it.
    assert client.post(reverse("review:take-next")).url == reverse("review:seat", args=[seat])


def test_taking_by_choice_holds_the_same_rules(studio, task):
    submitted(task, studio.writer, TEXT)
    seat = Seat.objects.get()
    for person in (studio.writer, studio.format):
        with pytest.raises(DomainError):
            take_free_seat(person=person, seat_id=seat.pk)
    assert take_free_seat(person=studio.expert, seat_id=seat.pk).reviewer == studio.expert
    with pytest.raises(NothingToReview):
        take_free_seat(
            person=person_with(studio.project, Role.EXPERT, domain=studio.domain), seat_id=seat.pk
        )
