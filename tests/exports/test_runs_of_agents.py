"""A run of an agent goes into a release twice: normalised in its record, and as its maker wrote it."""

import json
from uuid import uuid4

import pytest

from annotation.services.claim import take
from annotation.services.keep_native import keep_native
from annotation.services.save_draft import save_draft
from annotation.services.submit import submit_revision
from exports.enums import Bump
from exports.freezing import conversation, target_start
from exports.services.build import build_here
from exports.services.cut import cut_release
from exports.services.deliver import write_directory
from exports.services.publish import publish_release
from tests.factories.annotation import InstructionFactory, TaskFactory, write
from tests.factories.exports import REASONS, dataset_of
from tests.factories.review import judged

pytestmark = pytest.mark.django_db
CALL = {"id": "call_1", "function": {"name": "look", "arguments": '{"path":  "."}'}}
# Spaces, line ends and the order of keys are its maker's, and stay.
RUN = b'{\r\n  "reward": 1.0,   "traj": ' + json.dumps(
    [
        {"role": "user", "content": "Mend it."},
        {"role": "assistant", "content": "I look.", "tool_calls": [CALL]},
        {"role": "tool", "tool_call_id": "call_1", "name": "look", "content": "a.py"},
        {"role": "assistant", "content": "It is mended."},
    ]
).encode() + b" }\n"  # fmt: skip


@pytest.fixture(autouse=True)
def own_store(settings, tmp_path):
    """A store of this test's own."""
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.VAR_DIR = tmp_path / "var"


def handed_in(studio):
    """A labelled run, through both reviews."""
    made = InstructionFactory(
        project=studio.project, domain=studio.domain, target_kind="trajectory"
    )
    task = TaskFactory(instruction=made)
    assignment = take(person=studio.writer, task_id=task.pk)
    about = keep_native(person=studio.writer, task_id=task.pk, name="run.json", data=RUN)
    write(assignment, "It looked, then mended.")
    assignment.refresh_from_db()
    save_draft(
        person=studio.writer,
        task_id=task.pk,
        sequence=assignment.draft_version + 1,
        session=uuid4(),
        edits=[],
        extras={"trajectory": about | {"outcome": "recovery", "terminal_state": "mended"}},
    )
    submit_revision(person=studio.writer, task_id=task.pk, reasons=REASONS)
    judged(studio.expert)
    judged(studio.format)
    return about


def test_byte_for_byte_beside_the_record(studio, tmp_path):
    about = handed_in(studio)
    shares = {"train": 1.0, "validation": 0.0, "test": 0.0, "held_out": 0.0}
    release = cut_release(dataset=dataset_of(studio, shares=shares), bump=Bump.MAJOR, person=None)
    published = publish_release(release=build_here(release=release), person=None)
    folder = tmp_path / "out"
    write_directory(release=published, target=folder)
    assert (folder / "attachments" / about["sha256"]).read_bytes() == RUN
    (line,) = (folder / "records").glob("*.jsonl")
    record = json.loads(line.read_text())
    assert record["target"]["kind"] == "trajectory"
    assert record["target"]["native"]["sha256"] == about["sha256"]
    assert record["target"]["outcome"]["label"] == "recovery"
    roles = [message["role"] for message in record["messages"]]
    assert roles[record["target"]["from_message"] :] == ["user", "assistant", "tool", "assistant"]
    listed = {file["path"] for file in json.loads((folder / "manifest.json").read_text())["files"]}
    assert f"attachments/{about['sha256']}" in listed


def test_a_run_is_put_in_the_order_that_models_are_trained_in():
    """Its setting in front of all, and its end at the agent's last word, as real runs seldom have it."""
    said = [
        ("system", "You mend code."), ("user", "Mend it."), ("assistant", "It is mended."), ("user", "Thanks!"),
    ]  # fmt: skip
    run = {"kind": "trajectory", "messages": [{"role": r, "content": c} for r, c in said]}
    asked = [{"role": "user", "content": "Label this run."}]
    messages = conversation(asked, run, "writer")
    start = target_start(asked, run)
    assert [one["role"] for one in messages] == ["system", "user", "user", "assistant"]
    assert [one["role"] for one in messages[start:]] == ["user", "assistant"]
    assert [one["train"] for one in messages] == [False, False, False, True]
    settled = [{"role": "system", "content": "Be brief."}, *asked]
    assert target_start(settled, run) == 2
