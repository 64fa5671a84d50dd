"""A task to review, and shortcuts that every test of this part uses."""

import random

import pytest

from tests.factories.annotation import InstructionFactory, TaskFactory

TEXT = "Take **500 mg** every six hours, at most 4 g a day.\n\n- Below 50 kg the limit is lower.\n- Ask first with liver disease.\n"


@pytest.fixture
def make_task(studio):
    def make(project=None, **fields):
        return TaskFactory(
            instruction=InstructionFactory(
                project=project or studio.project, domain=studio.domain, **fields
            )
        )

    return make


@pytest.fixture
def task(make_task):
    return make_task()


VOCABULARY = """
morning evening patient doctor nurse tablet water food sleep rest walk pain fever cough heart liver kidney blood
pressure sugar weight age dose limit warning sign clinic hospital home week month year begins ends helps harms
rises falls often rarely never always slowly quickly before after during without with about around between both
either small large safe careful simple common serious mild strong weak early late first second third daily
""".split()


def another_text(number):
    """A response that resembles no other: the checks refuse what was handed in before."""
    chance = random.Random(number)
    sentences = [" ".join(chance.choices(VOCABULARY, k=9)).capitalize() + "." for _ in range(8)]
    return " ".join(sentences)
