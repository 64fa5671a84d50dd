"""The writing side over HTTP: leads read, others see nothing, nobody writes."""

import pytest
from django.urls import reverse
from knox.models import AuthToken

from annotation.enums import TaskState
from tests.factories.annotation import InstructionFactory, TaskFactory, submitted


@pytest.fixture
def tasks(studio):
    return [
        TaskFactory(instruction=InstructionFactory(project=studio.project, domain=studio.domain))
        for _ in range(3)
    ]


def read(client, person, name, *args, **query):
    client.force_login(person)
    return client.get(reverse(name, args=args), query)


def test_a_lead_reads_tasks_by_state(client, studio, tasks):
    submitted(tasks[0], studio.writer)
    answer = read(
        client, studio.lead, "api-tasks", studio.project.slug, state=TaskState.EXPERT_REVIEW
    )
    assert [row["key"] for row in answer.json()["results"]] == [str(tasks[0].key)]


def test_pages_follow_a_cursor_and_hold_every_row_once(client, studio, tasks):
    answer = read(client, studio.lead, "api-instructions", studio.project.slug, page_size=2)
    first = answer.json()
    rest = client.get(first["next"]).json()
    keys = [row["key"] for row in first["results"] + rest["results"]]
    assert keys == [str(task.instruction.key) for task in tasks]


def test_a_writer_finds_no_project_here(client, studio, tasks):
    assert read(client, studio.writer, "api-projects").json()["results"] == []
    assert read(client, studio.writer, "api-tasks", studio.project.slug).status_code == 404
    assert read(client, studio.writer, "api-task-timeline", tasks[0].key).status_code == 404


@pytest.mark.parametrize("headers", [{}, {"authorization": "Token of-nobody"}])
def test_nobody_reads_unsigned(client, studio, headers):
    answer = client.get(reverse("api-projects"), headers=headers)
    assert answer.status_code == 401
    assert answer.json()["code"] == "not_signed_in"
    assert "Token" in answer.json()["advice"]


def test_every_refusal_has_one_shape(client, studio, tasks):
    """Also those that REST framework makes: nothing there, the wrong verb, fields that are missing."""
    client.force_login(studio.lead)
    imports = reverse("api-imports", args=[studio.project.slug])
    refused = {
        404: client.get(reverse("api-tasks", args=["elsewhere"])),
        405: client.delete(reverse("api-projects")),
        415: client.post(imports, "{}", content_type="application/json"),
        422: client.post(imports),
        403: client.post(reverse("api-releases", args=["any"]), {"bump": "major"}),
    }
    assert {status: answer.status_code for status, answer in refused.items()} == {
        status: status for status in refused
    }
    assert all({"code", "message", "advice"} <= answer.json().keys() for answer in refused.values())
    assert "file" in refused[422].json()["fields"]


def test_a_token_reads_what_its_person_reads(client, studio, tasks):
    _, token = AuthToken.objects.create(studio.lead)
    answer = client.get(
        reverse("api-tasks", args=[studio.project.slug]),
        headers={"authorization": f"Token {token}"},
    )
    assert len(answer.json()["results"]) == 3


def test_the_timeline_tells_every_move(client, studio, tasks):
    submitted(tasks[0], studio.writer)
    answer = read(client, studio.lead, "api-task-timeline", tasks[0].key)
    assert [event["verb"] for event in answer.json()] == [
        "annotation.task_claim",
        "annotation.task_submit",
    ]


@pytest.mark.parametrize("number", [1, 3])
def test_a_list_takes_as_many_queries_for_one_row_as_for_three(
    client, studio, tasks, django_assert_num_queries, number
):
    client.force_login(studio.lead)
    url = reverse("api-tasks", args=[studio.project.slug])
    with django_assert_num_queries(5):
        client.get(url, {"page_size": number})


def test_no_resource_takes_a_response(client, studio, tasks):
    """Every write over the API is refused or unknown; responses are typed in the browser."""
    _, token = AuthToken.objects.create(studio.writer)
    for name, args in [
        ("api-tasks", [studio.project.slug]),
        ("api-instructions", [studio.project.slug]),
    ]:
        for method in (client.post, client.put, client.patch):
            answer = method(reverse(name, args=args), headers={"authorization": f"Token {token}"})
            assert answer.status_code == 405
