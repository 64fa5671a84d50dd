"""Projects choose stages, seats and shares; two stages are always there."""

import pytest

from review.enums import StageSlug
from review.pipeline import Step, drawn, problems, seats_for, steps_of
from review.stages import by_slug

EXPERT = by_slug(StageSlug.EXPERT)


def slugs(pipeline):
    return [step.stage.slug for step in steps_of(pipeline)]


@pytest.mark.parametrize(
    ("pipeline", "expected"),
    [
        ([], ["expert", "format"]),
        ([{"stage": "format"}], ["expert", "format"]),
        ([{"stage": "expert", "seats": 2}], ["expert", "format"]),
        ([{"stage": "expert"}, {"stage": "format"}], ["expert", "format"]),
    ],
)
def test_the_two_required_stages_are_always_there(pipeline, expected):
    assert slugs(pipeline) == expected


def test_unknown_stages_are_named():
    assert list(
        problems(
            [
                {"stage": "haruspex"},
                {"stage": "expert", "seats": 9},
                {"stage": "format", "share": 2},
            ]
        )
    ) == [
        "Step 1: there is no stage called “haruspex”.",
        "Step 2: a stage has one to five seats.",
        "Step 3: a share lies between 0 and 1.",
    ]


def test_the_first_seat_sits_over_everything():
    step = Step(EXPERT, seats=2, share=0.0)
    assert seats_for(step, key="any", difficulty=3) == 1


@pytest.mark.parametrize(("difficulty", "tags"), [(5, ()), (1, ("high-risk",))])
def test_hard_or_risky_tasks_always_get_the_further_seats(difficulty, tags):
    step = Step(EXPERT, seats=2, share=0.0, min_difficulty=5, tags=frozenset({"high-risk"}))
    assert seats_for(step, key="any", difficulty=difficulty, tags=tags) == 2


def test_the_lot_falls_on_its_share_and_always_the_same_way():
    hits = [drawn(f"task {n}", salt="expert", share=0.2) for n in range(5_000)]
    assert hits == [drawn(f"task {n}", salt="expert", share=0.2) for n in range(5_000)]
    assert 0.17 < sum(hits) / len(hits) < 0.23
    assert all(drawn(f"task {n}", salt="expert", share=1) for n in range(100))
    assert not any(drawn(f"task {n}", salt="expert", share=0) for n in range(100))
