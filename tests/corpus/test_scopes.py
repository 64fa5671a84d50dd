"""Where a text is looked for: its own project, the projects that allow it, what is released; and who learns what."""

import io
import json
import random

import orjson
import pytest
from django.core.management import call_command

from annotation.known import ref_of_task, scope_of, scopes_compared
from annotation.models import ProjectVersion
from annotation.services.claim import take
from annotation.services.look_up import look_at_revision, mark_as_released
from annotation.services.run_checks import findings_for
from annotation.services.submit import submit_revision
from corpus.models import Fingerprint, Pair
from tests.checks import labelled
from tests.factories.annotation import (
    InstructionFactory,
    ProjectVersionFactory,
    TaskFactory,
    submitted,
    write,
)
from tests.factories.experts import person_with

pytestmark = pytest.mark.django_db
TEXT = labelled.passage(random.Random(40), 80)


@pytest.fixture
def elsewhere(studio):
    """A response in another project."""
    project = ProjectVersionFactory().project
    writer = person_with(project, "writer", domain=studio.domain)
    instruction = InstructionFactory(
        project=project,
        domain=studio.domain,
        messages=[{"role": "user", "content": "What does the other project ask of its people?"}],
    )
    task = TaskFactory(instruction=instruction)
    submitted(task, writer, TEXT)
    task.refresh_from_db()
    return task


def allow(*projects):
    for project in projects:
        version = ProjectVersion.objects.filter(project=project).latest("number")
        version.pk, version.number = None, version.number + 1
        version.settings = {"compare_with_others": True}
        version.save(force_insert=True)


def found_here(studio, text=TEXT):
    task = TaskFactory(instruction=InstructionFactory(project=studio.project, domain=studio.domain))
    target = {"kind": "text", "messages": [{"role": "assistant", "content": text}]}
    version = ProjectVersion.objects.filter(project=studio.project).latest("number")
    found = findings_for(
        instruction=task.instruction, target=target, project_version=version, task=task
    )
    return [f for f in found if f.check_id in {"duplicate", "near_duplicate"}]


def test_another_project_is_looked_through_only_where_both_allow_it(studio, elsewhere):
    assert not found_here(studio)
    allow(studio.project)
    assert not found_here(studio)
    allow(elsewhere.project)
    assert scopes_compared(studio.project.pk) == [
        scope_of(studio.project.pk),
        scope_of(elsewhere.project_id),
    ]
    (found,) = found_here(studio)
    assert "another project" in found.message
    assert TEXT[:40] not in str([found.message, found.advice, found.data])


def test_what_is_released_is_known_everywhere(studio, elsewhere):
    mark_as_released(revisions=[elsewhere.current_revision_id])
    assert Fingerprint.objects.get(ref=ref_of_task(elsewhere.pk)).released
    (found,) = found_here(studio)
    assert "another project that is released" in found.message


def test_a_lead_sees_no_text_of_a_project_that_is_not_theirs(studio, elsewhere, client):
    allow(studio.project, elsewhere.project)
    task = TaskFactory(instruction=InstructionFactory(project=studio.project, domain=studio.domain))
    own = labelled.replaced(0.03)(random.Random(41), TEXT)
    write(take(person=studio.writer, task_id=task.pk), own)
    revision = submit_revision(
        person=studio.writer, task_id=task.pk, reasons={"near_duplicate": "Asked for in both."}
    )
    look_at_revision(revision=revision)
    pair = Pair.objects.get()
    assert {pair.first, pair.second} == {ref_of_task(task.pk), ref_of_task(elsewhere.pk)}
    client.force_login(studio.lead)
    page = client.get(f"/projects/{studio.project.slug}/duplicates/").content.decode()
    assert own[:60] in page
    assert TEXT not in page
    assert "What does the other project ask" not in page
    assert "A text of another project" in page


def test_a_file_is_held_against_the_project(studio, tmp_path):
    task = TaskFactory(instruction=InstructionFactory(project=studio.project, domain=studio.domain))
    submitted(task, studio.writer, TEXT)
    path = tmp_path / "rows.jsonl"
    rows = [
        {"id": "a", "prompt": "Something new?", "response": TEXT.upper()},
        {"id": "b", "prompt": "And this?", "response": labelled.passage(random.Random(42), 60)},
    ]
    path.write_text("\n".join(map(json.dumps, rows)))
    out = tmp_path / "out.jsonl"
    for project, expected in ((studio.project.slug, [ref_of_task(task.pk)]), ("", [])):
        extra = ["--project", project] if project else []
        call_command("check_file", str(path), "--json", str(out), *extra, stderr=io.StringIO())
        lines = [orjson.loads(line) for line in out.read_bytes().splitlines()]
        met = [
            f["match"]["id"]
            for line in lines
            for f in line["findings"]
            if f["check"] == "duplicate"
        ]
        assert met == expected
