"""What a model may see in its own order keeps that order from import to file."""

import orjson
import pytest
from django.db import connection

from annotation.models import Instruction
from exports.models import Record
from exports.services.freeze import freeze_records
from tests.factories.annotation import InstructionFactory
from tests.factories.exports import approved

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


def test_passed_checks_stand_beside_those_that_found_something(studio):
    approved(studio)
    freeze_records()
    record = Record.objects.get()
    checks = orjson.loads(record.data)["verification"]["checks"]
    outcomes = {check["check"]: check["outcome"] for check in checks}
    assert outcomes["secret"] == "passed"
    assert all(check["version"] for check in checks)
    assert record.checks["secret"] == next(c["version"] for c in checks if c["check"] == "secret")
