"""Both sides of a dispute: what agrees is out of the way, nobody's name is on it, nothing that was said is missing."""

from types import SimpleNamespace

import pytest

from experts.enums import Role
from review.desk import desk_of
from review.enums import Verdict
from review.judgement import Judgement
from review.merging import merged
from review.services.claim_seat import take_next_review
from review.services.comment import add_comment
from review.services.submit_review import submit_review
from tests.factories.annotation import submitted
from tests.factories.experts import person_with
from tests.review.conftest import TEXT, with_settings

RUBRIC = SimpleNamespace(
    criteria=[SimpleNamespace(id=name, label=name.upper()) for name in ("a", "b", "c", "d")]
)


def side(**marks):
    return SimpleNamespace(
        criteria={
            name: dict(zip(("mark", "reason"), said, strict=False)) for name, said in marks.items()
        }
    )


def test_differences_come_first_then_what_one_left_open_then_what_all_said():
    sides = [side(a=["pass"], b=["pass"], c=["fix"]), side(a=["pass"], c=["fail", "Wrong."])]
    points = merged(sides, RUBRIC)
    assert [point.label for point in points] == ["C", "B", "A"]
    assert [point.differs for point in points] == [True, False, False]
    assert [point.is_settled for point in points] == [False, False, True]


def test_what_all_called_amiss_is_still_read_where_somebody_says_why():
    (point,) = merged([side(a=["fix", "Too long."]), side(a=["fix"])], RUBRIC)
    assert point.agreed == "fix"
    assert not point.is_settled


def two_sides(studio, task):
    with_settings(
        studio, undo_seconds=0, pipeline=[{"stage": "expert", "seats": 2}, {"stage": "format"}]
    )
    second = person_with(studio.project, Role.EXPERT, domain=studio.domain)
    submitted(task, studio.writer, TEXT)
    for person, verdict, quote in (
        (studio.expert, Verdict.APPROVE, "500 mg"),
        (second, Verdict.REJECT, "Ask first"),
    ):
        seat = take_next_review(person=person)
        add_comment(person=person, seat_id=seat.pk, body="Look here.", quote=quote)
        submit_review(
            person=person, seat_id=seat.pk, revision_id=seat.revision_id, verdict=verdict,
            judgement=Judgement(note="" if verdict == Verdict.APPROVE else "It harms."),
        )  # fmt: skip
    return second


@pytest.mark.django_db
def test_a_third_person_reads_what_both_said_of_the_passages_without_their_names(studio, task):
    second = two_sides(studio, task)
    desk = desk_of(studio.lead, take_next_review(person=studio.lead).pk)
    assert [title for title, _ in desk.dispute.sides] == ["Expert reviewer 1", "Expert reviewer 2"]
    said = {(thread.top.who, thread.anchor.quote) for thread in desk.threads}
    assert said == {("Expert reviewer 1", "500 mg"), ("Expert reviewer 2", "Ask first")}
    assert [thread.anchor.quote for thread in desk_of(second, second.seats.get().pk).threads] == [
        "Ask first"
    ]


@pytest.mark.django_db
def test_a_lead_who_opens_a_verdict_reads_its_comments(studio, task):
    second = two_sides(studio, task)
    assert len(desk_of(studio.lead, second.seats.get().pk).threads) == 2
