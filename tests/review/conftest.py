"""A task to review, and shortcuts that every test of this part uses."""

import random
from datetime import timedelta

import pytest
from django.utils import timezone

from annotation.models import ProjectVersion
from experts.enums import Role
from experts.models import Credential
from review.enums import Verdict
from review.judgement import Judgement
from review.models import Seat
from review.services.claim_seat import lapse_seats, take_next_review
from review.services.give_verdict import give_verdict
from tests.factories.annotation import InstructionFactory, TaskFactory
from tests.factories.experts import person_with

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


# Why a writer keeps what a check warns of, whichever it is.
WANTED = dict.fromkeys(("length", "repetition", "near_duplicate", "duplicate", "format"), "Wanted.")


def five_thousand_lines(seed=0):
    """A response of that many lines, no two alike."""
    chance = random.Random(seed)
    return "\n".join(" ".join(chance.choices(VOCABULARY, k=9)) for _ in range(5_000))


DECISION = Judgement(category="response", note="The dose is missing.")


def given(person, verdict=Verdict.APPROVE, **fields):
    seat = take_next_review(person=person)
    return give_verdict(
        person=person,
        seat_id=seat.pk,
        revision_id=seat.revision_id,
        verdict=verdict,
        judgement=Judgement(**fields),
    )


def with_settings(studio, **changes):
    """A newer version of the project with other settings; work written from now on is done under it."""
    fields = {"project": studio.project, "number": studio.project.versions.count() + 1}
    extra = {name: changes.pop(name) for name in ("pipeline", "rubrics") if name in changes}
    return ProjectVersion.objects.create(**fields, **extra, settings=changes)


def state_of(task):
    task.refresh_from_db()
    return task.state


def second_account(studio):
    """An expert's account with the writer's own register number."""
    other = person_with(studio.project, Role.EXPERT, domain=studio.domain)
    Credential.objects.filter(person__in=[studio.writer, other]).update(number_digest="a" * 64)
    return other


def lapsed(seat):
    Seat.objects.filter(pk=seat.pk).update(leased_until=timezone.now() - timedelta(seconds=1))
    assert lapse_seats() == 1
