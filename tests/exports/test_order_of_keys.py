"""What a model may see in its own order keeps that order from import to file."""

import orjson
import pytest
from django.core.management import call_command
from django.db import connection

from annotation.models import Instruction, Task
from annotation.services.claim import take
from annotation.services.submit import submit_revision
from exports.models import Record
from exports.services.freeze import freeze_records
from tests.factories.annotation import InstructionFactory, write
from tests.factories.exports import REASONS, approved
from tests.factories.review import judged

pytestmark = pytest.mark.django_db

PARAMETERS = {
    "type": "object",
    "required": ["zeta", "a"],
    "properties": {"zeta": {"type": "string"}, "a": {"type": "integer"}, "mm": {"type": "null"}},
}
TOOLS = [{"name": "look_up", "parameters": PARAMETERS, "description": "Looks a dose up."}]


def test_tools_come_back_as_they_were_given(studio):
    made = InstructionFactory(project=studio.project, domain=studio.domain, tools=TOOLS)
    found = Instruction.objects.get(pk=made.pk)
    assert orjson.dumps(found.tools) == orjson.dumps(TOOLS)
    assert Instruction.objects.values_list("tools", flat=True).get(pk=made.pk) == TOOLS
    with connection.cursor() as cursor:
        cursor.execute("SELECT tools::text FROM annotation_instruction WHERE id = %s", [made.pk])
        assert cursor.fetchone()[0] == orjson.dumps(TOOLS).decode()


def test_a_record_holds_tool_schemas_in_their_own_order(studio):
    approved(studio, tools=TOOLS)
    freeze_records()
    kept = orjson.loads(Record.objects.get().data)
    assert orjson.dumps(kept["tools"][0]["parameters"]) == orjson.dumps(PARAMETERS)


def test_earlier_calls_keep_their_arguments_from_the_file_to_the_record(studio, tmp_path):
    arguments = {"zeta": 1e300, "a": {"mm": None, "b": 0.1}}
    call = {"id": "c1", "type": "function", "function": {"name": "look_up", "arguments": arguments}}
    asked = {
        "messages": [
            {"role": "user", "content": "How much of it is given?"},
            {"role": "assistant", "content": "", "tool_calls": [call]},
            {"role": "tool", "tool_call_id": "c1", "content": "5 mg"},
            {"role": "user", "content": "And for a child?"},
        ],
        "tools": [{"name": "look_up", "parameters": {"type": "object"}}],
        "domain": studio.domain.path,
        "target_kind": "text",
    }
    source = tmp_path / "asked.jsonl"
    source.write_bytes(orjson.dumps(asked))
    call_command("import_instructions", str(source), project=studio.project.slug)
    write(take(person=studio.writer, task_id=Task.objects.get().pk), "A careful answer.")
    submit_revision(person=studio.writer, task_id=Task.objects.get().pk, reasons=REASONS)
    judged(studio.expert)
    judged(studio.format)
    freeze_records()
    kept = orjson.loads(Record.objects.get().data)
    (made,) = (call for m in kept["messages"] for call in m.get("tool_calls", []))
    assert orjson.dumps(made["arguments"]) == orjson.dumps(arguments)


def test_passed_checks_stand_beside_those_that_found_something(studio):
    approved(studio)
    freeze_records()
    record = Record.objects.get()
    checks = orjson.loads(record.data)["verification"]["checks"]
    outcomes = {check["check"]: check["outcome"] for check in checks}
    assert outcomes["secret"] == "passed"
    assert all(check["version"] for check in checks)
    assert record.checks["secret"] == next(c["version"] for c in checks if c["check"] == "secret")
