"""A task to review, and shortcuts that every test of this part uses."""

import pytest

from tests.factories.annotation import InstructionFactory, TaskFactory

TEXT = "Take **500 mg** every six hours, at most 4 g a day.\n\n- Below 50 kg the limit is lower.\n- Ask first with liver disease.\n"


@pytest.fixture
def make_task(studio):
    def make(project=None, **fields):
        return TaskFactory(
            instruction=InstructionFactory(project=project or studio.project, domain=studio.domain, **fields)
        )

    return make


@pytest.fixture
def task(make_task):
    return make_task()
