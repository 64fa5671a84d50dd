"""What was just approved is frozen soon, without anybody asking."""

from exports.models import Record
from tests.factories.annotation import InstructionFactory, TaskFactory, submitted
from tests.factories.review import judged


def test_an_approval_is_frozen_after_its_commit(studio, django_capture_on_commit_callbacks):
    task = TaskFactory(instruction=InstructionFactory(project=studio.project, domain=studio.domain))
    revision = submitted(task, studio.writer)
    with django_capture_on_commit_callbacks(execute=True):
        judged(studio.expert)
    assert not Record.objects.filter(revision=revision).exists()
    with django_capture_on_commit_callbacks(execute=True):
        judged(studio.format)
    assert Record.objects.filter(revision=revision).exists()
