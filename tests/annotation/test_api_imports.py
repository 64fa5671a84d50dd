"""Files of instructions over HTTP: the same steps as on the page, for programs."""

import csv
import io

import orjson
import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from knox.models import AuthToken

from annotation import attachments
from annotation.enums import ImportState, TaskState
from annotation.models import ImportRun, Instruction, Task
from audit.models import Event
from tests.annotation.test_attachments import packed, png

ROWS = [
    {"ask": "How is anaemia treated?", "answer": "With iron.", "id": "a"},
    {"ask": "", "answer": "Nothing.", "id": "b"},
    {"ask": "When is iron given into a vein?", "answer": "Seldom.", "id": "c"},
]


@pytest.fixture
def send(client, studio, django_capture_on_commit_callbacks):
    """Calls the interface with a lead's token; jobs run as soon as they are committed."""

    def call(method, name, *args, person=None, **data):
        _, token = AuthToken.objects.create(person or studio.lead)
        with django_capture_on_commit_callbacks(execute=True):
            return getattr(client, method)(
                reverse(name, args=[studio.project.slug, *args]),
                data,
                headers={"authorization": f"Token {token}"},
            )

    return call


def a_file(rows=ROWS, name="questions.jsonl"):
    return SimpleUploadedFile(name, b"\n".join(orjson.dumps(row) for row in rows))


def sent(send, studio, **given):
    answer = send(
        "post",
        "api-imports",
        map="instruction=ask",
        set=f"domain={studio.domain.path}",
        **({"file": a_file()} | given),
    )
    assert answer.status_code == 202, answer.json()
    return answer.json()["key"]


def test_a_file_is_rehearsed_then_carried_out(send, studio):
    key = sent(send, studio)
    run = send("get", "api-import", key).json()
    assert (run["state"], run["added"], run["refused"]) == (ImportState.CHECKED, 2, 1)
    assert not Instruction.objects.exists()

    assert send("post", "api-import-start", key).status_code == 202
    run = send("get", "api-import", key).json()
    assert (run["state"], run["added"], run["refused"]) == (ImportState.DONE, 2, 1)
    assert Task.objects.filter(state=TaskState.OPEN).count() == 2
    assert Instruction.objects.filter(import_run__key=key).count() == 2
    assert "With iron." not in str(list(Instruction.objects.values()))


UNREADABLE = [("empty.jsonl", b""), ("no-rows.jsonl", b"\n\n"), ("broken.xlsx", b"PK no book")]


@pytest.mark.parametrize(("name", "content"), UNREADABLE)
@pytest.mark.parametrize("by", ["page", "program"])
def test_a_file_that_is_refused_is_on_record_however_it_came(
    send, studio, client, by, name, content
):
    upload = SimpleUploadedFile(name, content)
    if by == "program":
        answer = send("post", "api-imports", file=upload)
        assert answer.status_code in {400, 422}
        assert not ImportRun.objects.exists()
    else:
        client.force_login(studio.lead)
        address = reverse("projects:imports", args=[studio.project.slug])
        answer = client.post(address, {"file": upload})
        if answer.status_code == 302:
            answer = client.post(answer.url, {"action": "check"})
        assert answer.status_code == 422
    refused = Event.objects.get(verb="annotation.import_refused")
    assert (refused.actor, refused.data["file"]) == (studio.lead, name)
    assert (refused.data["bytes"], bool(refused.data["reason"])) == (len(content), True)


def test_the_same_file_again_adds_nothing(send, studio):
    for added in (2, 0):
        key = sent(send, studio)
        send("post", "api-import-start", key)
        assert send("get", "api-import", key).json()["added"] == added


def test_refused_rows_come_as_a_table(send, studio):
    key = sent(send, studio)
    answer = send("get", "api-import-refusals", key)
    table = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode())))
    assert table[0] == ["line", "field", "reason", "value"]
    assert [row[0] for row in table[1:]] == ["2"]


def test_what_is_not_checked_cannot_start(send, studio):
    key = sent(send, studio)
    assert send("post", "api-import-start", key).status_code == 202
    again = send("post", "api-import-start", key)
    assert (again.status_code, again.json()["code"]) == (409, "illegal_move")


@pytest.mark.parametrize(
    ("file", "given", "words"),
    [
        (SimpleUploadedFile("x.jsonl", b""), {}, "empty"),
        (SimpleUploadedFile("x.xml", b'<?xml version="1.0"?><a/>'), {}, "XML"),
        (a_file(), {"map": "nonsense=ask"}, "nonsense"),
        (a_file(), {"map": "instruction=missing"}, "missing"),
        (a_file(), {"map": "instruction=ask", "set": "domain=astrology"}, "astrology"),
        (a_file(), {"alias": "no pair"}, "WORD=DOMAIN"),
    ],
)
def test_a_refused_file_says_why_and_leaves_nothing(send, studio, file, given, words):
    file.seek(0)
    before = _stored()
    answer = send("post", "api-imports", file=file, **given)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not ImportRun.objects.exists()
    assert _stored() == before


def a_zip(**files):
    return SimpleUploadedFile("figures.zip", packed(**files).getvalue())


def test_the_pictures_come_along_in_a_zip(send, studio):
    rows = [{"ask": "What is this?", "images": "a.png"}, {"ask": "And this?", "images": "b.png"}]
    key = sent(send, studio, file=a_file(rows), files=a_zip(**{"a.png": png()}))
    assert send("get", "api-import", key).json()["refused"] == 1
    send("post", "api-import-start", key)
    (kept,) = Instruction.objects.get().attachments
    with attachments.open_kept(kept["sha256"]) as file:
        assert file.read() == png()


@pytest.mark.parametrize(
    ("files", "given", "words"),
    [
        (SimpleUploadedFile("figures.zip", b"not a zip"), {}, "no ZIP"),
        (a_zip(**{"a.png": png()}), {"map": "instruction=missing"}, "missing"),
    ],
)
def test_a_zip_of_a_refused_file_is_not_kept_either(send, studio, files, given, words):
    files.seek(0)
    before = _stored()
    answer = send("post", "api-imports", file=a_file(), files=files, **given)
    assert (answer.status_code, words in answer.content.decode()) == (422, True)
    assert not ImportRun.objects.exists()
    assert _stored() == before


def test_the_description_of_the_interface_names_both_files(client, studio):
    client.force_login(studio.lead)
    answer = client.get(reverse("schema"), headers={"accept": "application/vnd.oai.openapi+json"})
    described = orjson.loads(answer.content)["components"]["schemas"]["NewImport"]
    assert described["required"] == ["file"]
    assert described["properties"]["files"]["format"] == "binary"


def test_no_file_is_refused_by_name(send):
    answer = send("post", "api-imports")
    assert (answer.status_code, list(answer.json()["fields"])) == (422, ["file"])


@pytest.mark.parametrize("person", ["writer", "expert", "format"])
def test_only_a_lead_finds_the_place(send, studio, person):
    key = sent(send, studio)
    for method, name, args in (
        ("post", "api-imports", []),
        ("get", "api-imports", []),
        ("get", "api-import", [key]),
        ("post", "api-import-start", [key]),
        ("get", "api-import-refusals", [key]),
    ):
        assert send(method, name, *args, person=getattr(studio, person)).status_code == 404


def _stored():
    try:
        return set(default_storage.listdir("imports")[1])
    except FileNotFoundError:
        return set()
