"""Commissions, instructions, tasks and written work."""

import hashlib

import factory

from annotation.models import Instruction, ProjectVersion, Task
from annotation.services.claim import take
from annotation.services.submit import submit_revision
from tests.factories.experts import DomainFactory, ProjectFactory


class ProjectVersionFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = ProjectVersion

    project = factory.SubFactory(ProjectFactory)
    number = 1
    rights = {"licence": "cc-by-4.0"}


class InstructionFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Instruction

    project = factory.LazyFunction(lambda: ProjectVersionFactory().project)
    domain = factory.SubFactory(DomainFactory)
    external_id = factory.Sequence(lambda n: f"instruction-{n}")
    messages = factory.LazyAttribute(
        lambda o: [{"role": "user", "content": f"How is {o.external_id} treated today?"}]
    )
    requirements = [{"id": "r1", "text": "Name the first choice of treatment.", "kind": "ask"}]
    content_sha256 = factory.LazyAttribute(
        lambda o: hashlib.sha256(f"{o.project.pk} {o.messages}".encode()).digest()
    )


class TaskFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Task

    instruction = factory.SubFactory(InstructionFactory)
    project = factory.SelfAttribute("instruction.project")
    domain = factory.SelfAttribute("instruction.domain")
    language = factory.SelfAttribute("instruction.language")
    difficulty = factory.SelfAttribute("instruction.difficulty")


def write(assignment, text="A careful answer."):
    """Put `text` into a draft as the editor's save does."""
    assignment.fields = {"response": text}
    assignment.draft_version += 1
    assignment.save()
    return assignment


def submitted(task, author, text="A careful answer."):
    """`task` taken, written and handed in by `author`; returns the revision."""
    write(take(person=author, task_id=task.pk), text)
    revision = submit_revision(person=author, task_id=task.pk)
    task.refresh_from_db()
    return revision
