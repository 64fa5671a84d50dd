"""Responses are written in the browser by their author: no way of the REST interface writes or changes one.

Every address of the interface, with every method, is asked in the name of everybody who has to do with a task, by
token and by session, with a body that holds whatever a response could be called. Afterwards each response, draft,
revision and review is what it was.
"""

import re

import orjson
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import get_resolver
from drf_spectacular.generators import SchemaGenerator
from knox.models import AuthToken

from annotation.models import Assignment, Finding, LogBatch, Revision, Task
from annotation.services.claim import take_next
from exports.models import Dataset
from review.models import Comment, Review, Seat
from tests.factories.annotation import InstructionFactory, TaskFactory, submitted, write
from tests.factories.experts import UserFactory
from tests.guards.test_access import addresses

WORDS = "Words that no person wrote here."
# What a response, its parts and a verdict are called anywhere.
NAMES = (
    "response", "responses", "draft", "text", "target", "fields", "extras", "messages", "revision", "answer",
    "completion", "output", "sources", "note", "attestation", "verdict", "marks", "state",
)  # fmt: skip
METHODS = ("post", "put", "patch", "delete")
KEPT = (Assignment, LogBatch, Revision, Finding, Seat, Review, Comment)


def of_the_interface():
    return sorted({path for path, _ in addresses(get_resolver()) if path.startswith("api/v1/")})


def of_the_schema():
    return SchemaGenerator().get_schema(request=None, public=True)


@pytest.fixture
def work(studio):
    """A draft in hand, a response in review, and a dataset of their project."""
    for _ in range(2):
        TaskFactory(instruction=InstructionFactory(project=studio.project, domain=studio.domain))
    in_review, _ = Task.objects.order_by("pk")
    submitted(in_review, studio.writer)
    in_hand = write(take_next(person=studio.writer), "By hand.")
    dataset = Dataset.objects.create(slug="all", title="All")
    dataset.projects.add(studio.project)
    return {"slug": studio.project.slug, "tasks": [in_hand.task, in_review]}


def kept():
    """Every row of what people wrote, in full."""
    return {model: list(model.objects.order_by("pk").values()) for model in KEPT}


def filled(path, work):
    """The address with real names in it: the project's or the dataset's slug, the keys of both tasks."""
    slug = "all" if "datasets/" in path else work["slug"]
    path = re.sub(r"<slug:\w+>", slug, path)
    path = re.sub(r"<str:version>", "1.0.0", path)
    return {"/" + re.sub(r"<uuid:\w+>", str(task.key), path) for task in work["tasks"]}


def body():
    row = dict.fromkeys(NAMES, WORDS)
    return {
        **row,
        "messages": [{"role": "assistant", "content": WORDS}],
        "fields": {"response": WORDS},
    }


def callers(studio):
    people = [
        studio.writer,
        studio.expert,
        studio.format,
        studio.lead,
        UserFactory(is_superuser=True),
    ]
    for person in people:
        _, token = AuthToken.objects.create(person)
        yield Client(headers={"authorization": f"Token {token}"})
        session = Client()
        session.force_login(person)
        yield session


def test_no_address_of_the_interface_writes_a_response(studio, work):
    before = kept()
    asked = 0
    for caller in callers(studio):
        for path in of_the_interface():
            for address in filled(path, work):
                for method in METHODS:
                    getattr(caller, method)(
                        address, orjson.dumps(body()), content_type="application/json"
                    )
                    asked += 1
    assert asked > 300
    assert kept() == before
    assert set(Task.objects.values_list("author", flat=True)) == {studio.writer.pk}


def test_an_imported_file_brings_instructions_and_never_a_response(
    studio, work, django_capture_on_commit_callbacks
):
    before = kept()
    rows = [{**body(), "instruction": f"What is question {number}?"} for number in range(3)]
    content = b"\n".join(orjson.dumps(row) for row in rows)
    _, token = AuthToken.objects.create(studio.lead)
    caller = Client(headers={"authorization": f"Token {token}"})
    imports = f"/api/v1/projects/{studio.project.slug}/imports/"
    with django_capture_on_commit_callbacks(execute=True):
        sent = caller.post(
            imports,
            {
                "file": SimpleUploadedFile("rows.jsonl", content),
                "map": "instruction=instruction",
                "set": f"domain={studio.domain.path}",
            },
        )
    with django_capture_on_commit_callbacks(execute=True):
        caller.post(f"{imports}{sent.json()['key']}/start/")
    assert Task.objects.count() == 5
    assert kept() == before


def test_no_body_that_the_schema_describes_has_a_place_for_a_response():
    schema = of_the_schema()
    components = schema["components"]["schemas"]
    named = set()
    for path, verbs in schema["paths"].items():
        for verb, operation in verbs.items():
            for kind in operation.get("requestBody", {}).get("content", {}).values():
                reference = kind["schema"].get("$ref", "").rpartition("/")[2]
                described = components.get(reference, kind["schema"])
                named |= {(verb, path, name) for name in described.get("properties", {})}
    assert named, "bodies are described by name"
    assert not [one for one in named if one[2] in set(NAMES) - {"note"}]
