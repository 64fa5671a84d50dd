"""Files into a project: by command, streamed and repeatable; tasks come with them."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from annotation.models import Instruction, Task
from annotation.services import import_instructions
from audit.models import Event
from tests.factories.annotation import ProjectVersionFactory
from tests.factories.experts import DomainFactory


@pytest.fixture
def project(db):
    DomainFactory()
    return ProjectVersionFactory(
        settings={"default_domain": "medicine"}, responses_wanted=2
    ).project


def run(path, project, *options):
    out, err = StringIO(), StringIO()
    call_command(
        "import_instructions",
        str(path),
        "--project",
        project.slug,
        *options,
        stdout=out,
        stderr=err,
    )
    return out.getvalue(), err.getvalue()


def asking(question):
    """The instruction that begins with this question."""
    return next(i for i in Instruction.objects.all() if i.messages[0]["content"] == question)


@pytest.fixture
def file(tmp_path):
    def written(*rows, name="rows.jsonl"):
        path = tmp_path / name
        path.write_text(
            "".join(row if isinstance(row, str) else json.dumps(row) + "\n" for row in rows)
        )
        return path

    return written


def test_rows_become_instructions_with_open_tasks(project, file):
    out, _ = run(file({"prompt": "Why?", "id": "a"}, {"prompt": "How?"}), project)
    assert "rows read: 2\nadded: 2\nalready there: 0\nrefused: 0" in out
    first = Instruction.objects.get(external_id="a")
    assert first.messages == [{"role": "user", "content": "Why?"}]
    assert first.source == {"file": "rows.jsonl", "row": 1}
    tasks = Task.objects.filter(instruction=first)
    assert [(task.slot, task.state, task.domain.path) for task in tasks.order_by("slot")] == [
        (1, "open", "medicine"), (2, "open", "medicine"),
    ]  # fmt: skip
    assert Event.objects.get(verb="annotation.instructions_added").data["added"] == 2


def test_the_same_file_again_adds_nothing(project, file):
    path = file({"prompt": "Why?"}, {"prompt": "How?"}, {"prompt": "Why?"})
    assert "added: 2\nalready there: 1" in run(path, project)[0]
    assert "added: 0\nalready there: 3" in run(path, project)[0]
    assert Instruction.objects.count() == 2
    assert Task.objects.count() == 4


def test_a_dry_run_counts_the_same_and_writes_nothing(project, file):
    run(file({"prompt": "Why?"}, name="before.jsonl"), project)
    path = file({"prompt": "Why?"}, {"prompt": "How?"}, {"prompt": "How?"}, {"prompt": ""})
    rehearsed, _ = run(path, project, "--dry-run")
    assert "would be added: 1\nalready there: 2\nrefused: 1" in rehearsed
    assert Instruction.objects.count() == 1
    assert "added: 1\nalready there: 2\nrefused: 1" in run(path, project)[0]


@pytest.mark.parametrize("name", ["errors.jsonl", "errors.csv"])
def test_refused_rows_are_listed_and_the_rest_goes_on(project, file, tmp_path, name):
    path = file({"prompt": "Why?"}, "{broken\n", {"prompt": ""}, {"prompt": "How?"})
    out, err = run(path, project, "--errors", str(tmp_path / name))
    assert "added: 2\nalready there: 0\nrefused: 2" in out
    assert "line 3, instruction: The instruction is empty." in err
    lines = (tmp_path / name).read_text().splitlines()
    assert "not valid JSON" in "".join(lines)
    if name.endswith(".jsonl"):
        assert [json.loads(line)["line"] for line in lines] == [2, 3]
    else:
        assert lines[0] == "line,field,reason,value"


def test_columns_values_and_words_are_named_by_hand(project, file):
    DomainFactory(slug="law")
    path = file({"a": "Why?", "b": "Jurisprudence"}, {"a": "How?", "b": ""})
    out, _ = run(
        path, project, "--map", "instruction=a", "--map", "domain=b",
        "--alias", "Jurisprudence=law", "--set", "language=de",
    )  # fmt: skip
    assert "added: 2" in out
    assert list(Instruction.objects.order_by("id").values_list("domain__path", "language")) == [
        ("law", "de"), ("medicine", "de"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--map", "colour=a"], "no field"),
        (["--map", "instruction=zzz"], "no column “zzz”"),
        (["--set", "domain=astrology"], "no field of expertise"),
        ([], "No column looks like an instruction"),
    ],
)
def test_a_plan_that_cannot_be_is_refused_before_anything_happens(project, file, options, words):
    with pytest.raises(CommandError, match=words):
        run(file({"a": "Why?"}), project, *options)


def test_unknown_project_and_missing_file(project, tmp_path):
    with pytest.raises(CommandError, match="No such file"):
        run(tmp_path / "none.jsonl", project)
    project.slug = "elsewhere"
    with pytest.raises(CommandError, match="no project “elsewhere”"):
        run(tmp_path / "none.jsonl", project)


def test_rows_without_a_domain_are_refused_where_there_is_no_default(db, file):
    project = ProjectVersionFactory().project
    out, err = run(file({"prompt": "Why?"}), project)
    assert "refused: 1" in out
    assert "domain" in err


def test_many_batches_count_like_one(project, file, monkeypatch):
    monkeypatch.setattr(import_instructions, "BATCH", 3)
    path = file(*({"prompt": f"Why {number % 8}?"} for number in range(20)))
    assert "rows read: 20\nadded: 8\nalready there: 12" in run(path, project)[0]


def test_every_column_of_both_tables_is_filled_as_by_hand(project, file):
    """COPY goes past Django, so a column that somebody adds must get its default all the same."""
    run(file({"prompt": "Why?"}), project)
    task = Task.objects.order_by("id").first()
    by_hand = Task.objects.create(
        instruction=Instruction.objects.create(
            project=project, domain=task.domain, messages=[], content_sha256=b"x" * 32
        ),
        project=project,
        domain=task.domain,
    )
    own = {"id", "key", "instruction", "slot", "state_since", "created_at"}
    for field in Task._meta.concrete_fields:
        if field.name not in own:
            assert getattr(task, field.attname) == getattr(by_hand, field.attname), field.name


MANY = [{"prompt": f"Why {number}?"} for number in range(60)]


def test_a_column_that_appears_late_is_taken_for_what_it_is_called(project, file):
    late = {"prompt": "How?", "evidence": "On page 3.", "meta": {"requirements": ["Be brief"]}}
    out, _ = run(file(*MANY, late, {"prompt": "When?", "evidence": "On page 4."}), project)
    assert "evidence           ← evidence, which first appears further below" in out
    assert "requirements       ← meta.requirements, which first" in out
    assert "not used" not in out
    how = asking("How?")
    assert how.evidence == [{"id": "e1", "title": "", "text": "On page 3."}]
    assert how.requirements == [{"id": "r1", "text": "Be brief", "kind": "ask"}]
    assert asking("When?").evidence[0]["text"] == "On page 4."


def test_a_column_that_is_empty_at_first_counts_from_its_first_value(project, file):
    rows = [row | {"attachments": None, "notes": ""} for row in MANY]
    out, err = run(file(*rows, {"prompt": "How?", "attachments": ["a.png"], "notes": "x"}), project)
    assert "attachments        ← attachments, which first appears further below" in out
    assert "line 61, attachments: This row names a file, but no files came" in err


def test_late_columns_that_nothing_is_taken_from_are_named(project, file):
    rows = [row | {"context": "As known."} for row in MANY]
    late = {
        "evidence": "A second one.", "colour": {"deep": 1, "x": 2}, "answer": "So.", "topic": "astrology",
        "nothing": "", "attachments": "by hand", "a\x00b": 1,
    }  # fmt: skip
    out, _ = run(file(*rows, {"prompt": "How?", "context": "c"} | late), project)
    assert "not used: colour, topic, attachments, a␀b; they first appear" in out
    assert "because responses are written here: answer" in out
    assert "added: 61" in out


def evidence_of(asked):
    return [part["text"] for part in asking(asked).evidence]


def test_more_evidence_that_appears_late_joins_what_is_there(project, file):
    rows = [row | {"context": "As known."} for row in MANY]
    late = {"prompt": "How?", "context": "c", "evidence": "A second one.", "text": "Of a question?"}
    later = {"prompt": "When?", "meta": {"passages": ["One.", "Two."]}}
    out, _ = run(file(*rows, late, later), project)
    assert "evidence           ← evidence + meta.passages, which first appear" in out
    assert "not used: text; they first" in out
    assert evidence_of("How?") == ["c", "A second one."]
    assert evidence_of("When?") == ["One.", "Two."]
    assert evidence_of("Why 1?") == ["As known."]


def test_evidence_that_somebody_chose_otherwise_is_not_added_to(project, file):
    rows = [row | {"context": "As known.", "passage": "Left out."} for row in MANY]
    late = {"prompt": "How?", "context": "c", "evidence": "A second one."}
    out, _ = run(file(*rows, late), project, "--map", "evidence=context")
    assert "not used: evidence; they first" in out
    assert evidence_of("How?") == ["c"]


def test_records_with_ever_new_names_name_some_of_them_and_stay_small(project, file):
    out, _ = run(
        file(*MANY, *({"prompt": f"How {n}?", f"key {n}": n} for n in range(300))), project
    )
    assert out.count("key ") == 100
    assert "added: 360" in out


def test_a_late_column_with_a_known_name_counts_also_after_ever_new_names(project, file):
    odd = ({"prompt": f"How {n}?", f"key {n}": n} for n in range(300))
    run(file(*MANY, *odd, {"prompt": "When?", "evidence": "On page 4."}), project)
    assert asking("When?").evidence[0]["text"] == "On page 4."


def test_tool_names_that_no_release_takes_are_told_in_the_dry_run(project, file):
    tools = [{"name": "weather.get", "parameters": {"type": "object"}}, {"name": "fits"}]
    path = file({"prompt": "How warm is it?", "tools": tools}, {"prompt": "And now?"})
    for options in (["--dry-run"], []):
        out, _ = run(path, project, *options)
        assert "names no release takes" in out
        assert "'weather.get'. A name is 1 to 64 of the letters" in out
        assert "'fits'" not in out
    assert "names no release takes" not in run(file({"prompt": "Why?"}), project)[0]


def test_a_call_in_the_conversation_is_named_as_a_tool_is(project, file):
    call = {"id": "c1", "function": {"name": "weather get", "arguments": "{}"}}
    said = [
        {"role": "user", "content": "How warm is it?"},
        {"role": "assistant", "content": "", "tool_calls": [call]},
        {"role": "tool", "content": "21", "tool_call_id": "c1"},
    ]
    assert "'weather get'" in run(file({"messages": said}), project, "--dry-run")[0]


def test_a_task_that_is_the_only_one_of_its_instruction_says_so(project, file):
    run(file({"prompt": "One?", "responses_wanted": 1}, {"prompt": "Two?"}), project)
    asked = Task.objects.values_list("instruction__responses_wanted", "alone").distinct()
    assert set(asked) == {(1, True), (2, False)}
