"""What is asked only of a finished text is not asked while it is being written."""

import pytest

from annotation.services.check_draft import draft_findings
from annotation.services.claim import take
from annotation.services.run_checks import findings_for
from tests.factories.annotation import InstructionFactory, TaskFactory, write

pytestmark = pytest.mark.django_db


def test_a_draft_is_not_yet_asked_for_its_marks(studio):
    instruction = InstructionFactory(
        project=studio.project,
        domain=studio.domain,
        requirements=[{"id": "r1", "text": "Name the dose.", "kind": "ask"}],
    )
    task = TaskFactory(instruction=instruction)
    write(take(person=studio.writer, task_id=task.pk), "Five milligrams each morning.")
    told = draft_findings(person=studio.writer, task_id=task.pk)
    finished = findings_for(
        instruction=instruction,
        target={
            "kind": "text",
            "messages": [{"role": "assistant", "content": "Five milligrams each morning."}],
        },
        project_version=studio.version,
        task=task,
    )
    assert "coverage" in {finding.check_id for finding in finished}
    assert "coverage" not in {finding["check"] for finding in told["findings"]}
