"""Every stage holds together, and another one is a file and a line: here without the file."""

import dataclasses

import pytest

from annotation.enums import TaskState
from annotation.models import ProjectVersion
from annotation.workflow import TASK
from experts.enums import Role
from review import stages
from review.enums import StageSlug, Verdict
from review.models import Seat
from review.stages import PIPELINE, by_slug
from tests.factories.annotation import submitted
from tests.factories.experts import person_with
from tests.factories.review import judged
from tests.review.conftest import TEXT

each_stage = pytest.mark.parametrize("stage", PIPELINE, ids=lambda stage: stage.slug)


@each_stage
def test_every_outcome_is_a_legal_move(stage):
    for verb in [*stage.outcomes.values(), *stage.outcomes_after.values()]:
        assert TASK.check(stage.state, verb)


@each_stage
def test_disagreement_has_somewhere_to_go(stage):
    joint = stage.agreed([Verdict.APPROVE, Verdict.REJECT])
    assert joint in stage.outcomes or stage.slug == StageSlug.ADJUDICATION


@each_stage
def test_criteria_have_their_anchors(stage):
    assert stage.purpose
    assert stage.blind
    for criterion in stage.criteria:
        assert all(criterion.anchors[mark] for mark in ("pass", "fix", "fail"))
    assert len({criterion.id for criterion in stage.criteria}) == len(stage.criteria)


def test_slugs_are_unique():
    assert len({stage.slug for stage in PIPELINE}) == len(PIPELINE)


@pytest.fixture
def language(monkeypatch):
    """A further stage, as the how-to adds it: like the expert stage, for another person, without a credential."""
    stage = dataclasses.replace(
        by_slug(StageSlug.EXPERT), slug="language", title="Language review", needs_credential=False
    )
    monkeypatch.setattr(stages, "PIPELINE", (*PIPELINE, stage))
    monkeypatch.setattr("review.services.claim_seat.PIPELINE", (*PIPELINE, stage))
    return stage


@pytest.mark.django_db
def test_another_stage_is_added_without_touching_the_others(studio, task, language):
    pipeline = [{"stage": "expert"}, {"stage": "language"}, {"stage": "format"}]
    ProjectVersion.objects.create(
        project=studio.project, number=2, pipeline=pipeline, settings={"undo_seconds": 0}
    )
    submitted(task, studio.writer, TEXT)
    judged(studio.expert)
    task.refresh_from_db()
    assert task.state == TaskState.EXPERT_REVIEW
    assert Seat.objects.get(stage="language").state == "open"
    reader = person_with(studio.project, Role.EXPERT)
    judged(reader)
    task.refresh_from_db()
    assert task.state == TaskState.FORMAT_REVIEW
    judged(studio.format)
    task.refresh_from_db()
    assert task.state == TaskState.APPROVED
