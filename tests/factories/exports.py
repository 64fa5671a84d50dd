"""Approved work and data sets over it, through the services."""

import factory

from annotation.services.claim import take
from annotation.services.submit import submit_revision
from exports.models import Dataset
from exports.services.datasets import create_dataset
from tests.factories.annotation import InstructionFactory, TaskFactory, write
from tests.factories.review import judged

# Texts of tests resemble each other; what the checks say of that is answered as an author would.
REASONS = dict.fromkeys(("duplicate", "near_duplicate", "repetition", "length"), "It is wanted.")


def approved(studio, text="A careful answer.", *, domain=None, **instruction):
    """One task of the studio written, judged twice and approved; returns the task."""
    made = InstructionFactory(project=studio.project, domain=domain or studio.domain, **instruction)
    task = TaskFactory(instruction=made)
    write(take(person=studio.writer, task_id=task.pk), text)
    submit_revision(person=studio.writer, task_id=task.pk, reasons=REASONS)
    judged(studio.expert)
    judged(studio.format)
    task.refresh_from_db()
    return task


def dataset_of(studio, slug="demo", **settings):
    """A data set over the studio's project."""
    return create_dataset(
        slug=slug, title="Demo answers", project=studio.project, created_by=studio.lead, **settings
    )


class DatasetFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Dataset

    slug = factory.Sequence(lambda n: f"dataset-{n}")
    title = factory.Sequence(lambda n: f"Dataset {n}")
    salt = "salt"
