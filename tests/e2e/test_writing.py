"""The writing page in a real browser: what can be written, marked, checked and brought back."""

import json

import pytest
from playwright.sync_api import expect

from annotation.models import Assignment
from annotation.services.claim import take
from tests.e2e.browser import NARROW, axe_violations, sideways_scroll, unnamed_controls
from tests.factories.annotation import InstructionFactory, ProjectVersionFactory, TaskFactory
from tests.factories.experts import DomainFactory, person_with

TOOL = {
    "type": "function",
    "function": {
        "name": "look_up",
        "description": "Looks a drug up.",
        "parameters": {
            "type": "object", "properties": {"drug": {"type": "string"}}, "required": ["drug"],
            "additionalProperties": False,
        },
    },
}  # fmt: skip
TEXT = "Apixaban 5 mg twice a day prevents stroke. It is not given with mechanical valves."


@pytest.fixture
def desk(transactional_db, visitor, site):
    """open(**instruction) → (page, task): the writing page of a new task."""
    domain = DomainFactory()
    project = ProjectVersionFactory().project
    writer = person_with(project, "writer", domain=domain)

    def open_task(size=(1440, 900), **instruction):
        task = TaskFactory(
            instruction=InstructionFactory(project=project, domain=domain, **instruction)
        )
        take(person=writer, task_id=task.pk)
        page = visitor(writer, size=size)
        page.goto(f"{site}/write/{task.pk}/")
        expect(page.locator("[data-save-times]")).not_to_be_empty()
        return page, task

    return open_task


def saved(page):
    expect(page.get_by_role("status")).to_have_text("Saved", timeout=10_000)


def hand_in(page):
    page.get_by_role("button", name="Submit for review").click()
    page.wait_for_url("**/write/")


def test_typed_previewed_handed_in_by_keyboard(desk):
    page, task = desk()
    page.get_by_label("Response").click()
    page.keyboard.type("The **dose** is $5$ mg.")
    saved(page)
    page.keyboard.press("Control+Shift+P")
    expect(page.get_by_role("region", name="Preview").locator("strong")).to_have_text("dose")
    expect(page.get_by_label("Response")).to_be_hidden()
    page.keyboard.press("Control+Shift+P")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/write/")
    revision = task.revisions.get()
    assert revision.text == "The **dose** is $5$ mg."
    assert revision.log_complete
    assert revision.log_summary["shares"]["composed"] == 100


def test_what_was_typed_is_what_was_stored_to_the_last_unit(desk):
    page, task = desk()
    text = "Ünïcode: ½ ≠ ¼ → 漢字, עברית, 👩‍⚕️.  Two spaces end this line.  \n\n- a\n- b\n\n\tTab\n"
    page.get_by_label("Response").click()
    page.keyboard.insert_text(text)
    saved(page)
    assert Assignment.objects.get(task=task).fields == {"response": text}
    page.get_by_label("Response").fill("Filled in at once.\n\nIn two paragraphs.")
    saved(page)
    assert Assignment.objects.get(task=task).fields == {
        "response": "Filled in at once.\n\nIn two paragraphs."
    }


def test_nothing_that_is_written_runs(desk):
    evil = '<img src=x onerror="document.title=1"><script>document.title=2</script> [a](javascript:alert(1)) \u202egnp'
    page, _ = desk(
        messages=[{"role": "user", "content": evil}],
        evidence=[{"id": "e", "title": evil, "text": evil}],
    )
    page.get_by_label("Response").fill(evil)
    saved(page)
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_role("region", name="Preview")).to_contain_text("onerror")
    assert page.title().startswith("Write:")
    assert page.locator(".prose img, .prose script, .turns script, main [onerror]").count() == 0
    assert page.get_by_role("region", name="Preview").locator(".odd-character").count() == 1


def test_points_are_marked_and_marks_move_with_the_text(desk):
    page, task = desk()
    box = page.get_by_label("Response")
    box.fill(TEXT)
    box.press("Control+A")
    page.get_by_role("button", name="Mark where").first.click()
    expect(page.get_by_text("Answered: “Apixaban")).to_be_visible()
    expect(page.get_by_role("button", name="Show", exact=True).first).to_be_focused()
    box.press("Control+Home")
    page.keyboard.type("😀 In short: ")
    saved(page)
    hand_in(page)
    revision = task.revisions.get()
    mark = revision.coverage[0]
    assert mark["quote"] == TEXT
    assert revision.text[mark["start"] : mark["end"]] == TEXT


def test_quoting_names_its_source_and_is_no_paste(desk):
    page, task = desk(
        evidence=[
            {
                "id": "e1",
                "title": "Guideline",
                "text": "Anticoagulants are preferred.",
                "url": "https://example.org/g",
            }
        ]
    )
    page.get_by_label("Response").fill("As the guideline says:")
    page.locator("[data-quotable] p").click(click_count=3)
    page.get_by_role("button", name="Quote the selection").click()
    saved(page)
    expect(page.get_by_text("Guideline · https://example.org/g")).to_be_visible()
    hand_in(page)
    revision = task.revisions.get()
    assert "> Anticoagulants are preferred." in revision.text
    assert revision.sources[0]["citation"] == "Guideline"
    assert revision.log_summary["shares"]["pasted"] == 0
    assert revision.log_summary["shares"]["quoted"] > 0


def test_quoting_and_naming_a_source_by_keyboard_alone(desk):
    text = "Anticoagulants are preferred. " * 2 + "Aspirin is not."
    evidence = {"id": "e1", "title": "Guideline", "text": text, "url": "https://example.org/g"}
    page, task = desk(evidence=[evidence])
    page.get_by_label("Response").focus()
    page.keyboard.type("As the guideline says:")
    page.get_by_role("button", name="Quote the selection").focus()
    page.keyboard.press("Enter")
    box = page.get_by_label("What it says, word for word")
    expect(box).to_be_focused()
    # What does not stand in the evidence is no quotation.
    page.keyboard.type("Aspirin is.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#source-dialog")).to_be_visible()
    box.focus()
    page.keyboard.press("Control+a")
    page.keyboard.type("Aspirin is not.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#source-dialog")).to_be_hidden()
    expect(page.get_by_label("Response")).to_be_focused()
    page.keyboard.type("So a NOAC is taken.")
    # The last four words are tied to a source of their own.
    page.keyboard.press("Control+Shift+ArrowLeft")
    page.keyboard.press("Control+Shift+ArrowLeft")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Add a source").focus()
    page.keyboard.press("Enter")
    page.keyboard.type("Trial of 2011")
    page.keyboard.press("Enter")
    expect(page.locator("#source-dialog")).to_be_hidden()
    saved(page)
    hand_in(page)
    revision = task.revisions.get()
    assert revision.text.startswith(
        "As the guideline says:\n\n> Aspirin is not.\n\nSo a NOAC is taken"
    )
    assert [source["citation"] for source in revision.sources] == ["Guideline", "Trial of 2011"]
    assert revision.sources[0]["quotation"] == "Aspirin is not."
    assert "[^1]: Trial of 2011" in revision.text
    assert revision.log_summary["shares"]["pasted"] == 0


def test_a_paste_is_asked_about_calmly(desk):
    page, task = desk()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.evaluate(f"navigator.clipboard.writeText({json.dumps(TEXT)})")
    page.get_by_label("Response").click()
    page.keyboard.press("Control+V")
    page.get_by_role("button", name="my own notes").click()
    saved(page)
    hand_in(page)
    summary = task.revisions.get().log_summary
    assert summary["shares"]["pasted"] == 100
    assert summary["undeclared_paste"] == 0
    assert summary["notices"] == []


def test_an_earlier_version_comes_back(desk):
    page, task = desk()
    box = page.get_by_label("Response")
    box.fill("The first version of it.")
    box.press("Control+S")
    saved(page)
    box.fill("Quite another one.")
    saved(page)
    page.get_by_role("button", name="Versions").click()
    expect(page.get_by_text("The first version of it.", exact=True)).to_be_visible()
    assert "UTC" not in page.locator("#versions-dialog time").first.inner_text()
    page.get_by_role("button", name="Compare").first.click()
    expect(page.locator("[data-compared] del, [data-compared] ins").first).to_be_visible()
    page.get_by_role("button", name="Bring back").first.click()
    expect(box).to_have_text("The first version of it.")
    saved(page)
    assert Assignment.objects.get(task=task).fields["response"] == "The first version of it."


def test_the_plain_box_saves_and_logs_as_well(desk):
    page, task = desk()
    page.get_by_role("button", name="Keys").click()
    page.get_by_label("Plain text box").check()
    page.get_by_role("button", name="Close", exact=True).first.click()
    page.get_by_label("Response").press_sequentially("Dictated words 😀 go here.")
    saved(page)
    hand_in(page)
    revision = task.revisions.get()
    assert revision.text == "Dictated words 😀 go here."
    assert revision.log_complete


def test_several_turns(desk):
    turns = [
        {"role": "assistant"},
        {"role": "user", "content": "Now as a list."},
        {"role": "assistant"},
    ]
    page, task = desk(target_kind="messages", target_schema={"turns": turns})
    page.get_by_label("Response").fill("In words.")
    page.get_by_label("Answer, turn 2").fill("- a list")
    saved(page)
    hand_in(page)
    roles = [(m["role"], m["content"]) for m in task.revisions.get().target["messages"]]
    assert roles == [
        ("assistant", "In words."),
        ("user", "Now as a list."),
        ("assistant", "- a list"),
    ]


def test_the_author_adds_turns_where_the_project_asks_for_them(desk):
    page, task = desk(target_kind="messages", target_schema={"author_writes_user_turns": True})
    page.get_by_label("Response").fill("Measure it for a week.")
    page.get_by_role("button", name="Add a turn of the user and its answer").click()
    page.get_by_label("Turn of the user, 2").fill("At what times?")
    page.get_by_label("Answer, turn 3").fill("In the morning and in the evening.")
    saved(page)
    page.reload()
    expect(page.get_by_role("button", name="Remove the last two turns")).to_be_visible()
    hand_in(page)
    turns = [(m["role"], m["content"]) for m in task.revisions.get().target["messages"]]
    assert turns == [
        ("assistant", "Measure it for a week."), ("user", "At what times?"),
        ("assistant", "In the morning and in the evening."),
    ]  # fmt: skip


def test_what_is_no_number_stays_and_is_said_beside_its_field(desk):
    schema = {"type": "object", "properties": {"days": {"type": "integer"}}}
    page, _ = desk(target_kind="json", target_schema=schema)
    days = page.get_by_label("days")
    days.fill("two weeks")
    days.blur()
    saved(page)
    beside = page.locator("#form-days-fault")
    expect(beside).to_contain_text("'two weeks' is not of type 'integer'", timeout=15_000)
    expect(days).to_have_value("two weeks")
    page.locator("[data-findings]").get_by_role("button", name="Show").click()
    assert page.evaluate("() => getSelection().toString()") == '"two weeks"'


def test_an_object_by_form_and_raw(desk):
    schema = {
        "type": "object",
        "properties": {
            "diagnosis": {"type": "string"},
            "drugs": {"type": "array", "items": {"type": "string"}},
        },
        "required": ["diagnosis"],
    }
    page, task = desk(target_kind="json", target_schema=schema)
    page.get_by_label("diagnosis").fill("Atrial fibrillation")
    page.get_by_label("drugs").fill("apixaban\nbisoprolol")
    page.get_by_label("drugs").blur()
    saved(page)
    box = page.get_by_label("Response")
    box.press("Control+End")
    page.keyboard.type("}")
    expect(page.get_by_text("Not JSON yet: line 7")).to_be_visible()
    page.get_by_role("button", name="Submit for review").click()
    expect(page.locator("[data-submit-error]")).to_contain_text("line 7")
    box.press("Backspace")
    saved(page)
    hand_in(page)
    assert task.revisions.get().target["object"] == {
        "diagnosis": "Atrial fibrillation", "drugs": ["apixaban", "bisoprolol"],
    }  # fmt: skip


def test_tool_calls_that_break_their_schema_are_refused_by_step(desk):
    page, task = desk(target_kind="tool_calls", tools=[TOOL])
    page.get_by_role("button", name="Add a call").click()
    arguments = page.get_by_label("Arguments of look_up, step 2")
    arguments.fill('{"dose": 5}')
    page.get_by_label("Result, step 3").fill("5 mg twice a day")
    page.get_by_label("Response").fill("I look it up.")
    saved(page)
    page.get_by_role("button", name="Submit for review").click()
    expect(page.locator("[data-submit-error]")).to_contain_text("Step 2 breaks the schema")
    beside = page.locator(".box", has=arguments)
    expect(beside.locator(".error-text")).to_contain_text("Step 2 breaks the schema")
    expect(arguments).to_be_focused()
    expect(arguments).to_be_in_viewport()
    page.reload()
    page.get_by_label("Arguments of look_up, step 2").fill('{"drug": "apixaban"}')
    saved(page)
    page.get_by_role("button", name="Submit for review").click()
    expect(page.locator("[data-submit-error]")).to_contain_text("The last step is the result")
    page.get_by_role("button", name="Add words").click()
    page.get_by_label("Words of the assistant, step 4").fill("Five milligrams, twice a day.")
    saved(page)
    hand_in(page)
    first, result, words = task.revisions.get().target["messages"]
    assert words["content"] == "Five milligrams, twice a day."
    call = first["tool_calls"][0]
    assert call["function"] == {"name": "look_up", "arguments": {"drug": "apixaban"}}
    assert result["tool_call_id"] == call["id"]
    assert result["content"] == "5 mg twice a day"


def test_calls_made_at_once_and_words_that_are_mended(desk):
    page, task = desk(target_kind="tool_calls", tools=[TOOL])
    page.get_by_role("button", name="Add a call").click()
    first = page.get_by_label("Arguments of look_up, step 2")
    first.fill('{"drug": "apixaban"')
    saved(page)
    wrong = page.locator(".box", has=first).locator(".error-text")
    expect(page.locator("[data-findings]")).to_contain_text(
        "Step 2 is not JSON yet", timeout=15_000
    )
    first.press("Control+End")
    page.keyboard.type("}")
    saved(page)
    expect(page.locator("[data-findings]")).to_be_hidden(timeout=15_000)
    expect(wrong).to_be_empty()
    page.get_by_label("Result, step 3").fill("5 mg")
    page.get_by_role("button", name="Add a call").click()
    page.get_by_label("Arguments of look_up, step 4").fill('{"drug": "aspirin"}')
    page.get_by_label("Made at once with the call before").check()
    page.get_by_label("Result, step 5").fill("100 mg")
    page.get_by_role("button", name="Add words").click()
    expect(page.get_by_label("Words of the assistant, step 6")).to_be_focused()
    page.keyboard.type("Apixaban, then.")
    saved(page)
    page.reload()
    expect(page.get_by_label("Made at once with the call before")).to_be_checked()
    hand_in(page)
    calling, one, other, words = task.revisions.get().target["messages"]
    assert [call["function"]["arguments"]["drug"] for call in calling["tool_calls"]] == [
        "apixaban", "aspirin",
    ]  # fmt: skip
    assert [one["content"], other["content"]] == ["5 mg", "100 mg"]
    assert words["content"] == "Apixaban, then."


def test_a_trajectory_is_kept_and_labelled(desk, tmp_path):
    steps = [{"role": "user", "content": "Fix it."}]
    for number in range(100):
        steps += [
            {
                "role": "assistant",
                "content": "",
                "tool_calls": [
                    {
                        "id": f"c{number}",
                        "function": {"name": "bash", "arguments": '{"command": "ls"}'},
                    }
                ],
            },
            {
                "role": "tool",
                "tool_call_id": f"c{number}",
                "name": "bash",
                "content": "A line of output. " * 11_000,
            },
        ]
    file = tmp_path / "run.json"
    file.write_text(json.dumps({"traj": steps, "reward": 1}))
    page, task = desk(target_kind="trajectory")
    page.get_by_label("File of the trajectory").set_input_files(file)
    expect(page.get_by_text("tau-bench, 201 steps")).to_be_visible(timeout=30_000)
    page.get_by_role("button", name="Submit for review").click()
    expect(page.locator("[data-submit-error]")).to_contain_text("outcome")
    page.get_by_label("Successful").check()
    page.get_by_role("button", name="Later steps").click()
    expect(page.get_by_text("Steps 21 to 40 of 201")).to_be_visible()
    page.get_by_role("button", name="Mark an intervention here").first.click()
    page.get_by_label("Intervention at step 21").fill("A person stepped in")
    page.get_by_label("Intervention at step 21").blur()
    page.get_by_label("Response").fill("It listed the folder a hundred times.")
    saved(page)
    page.set_default_navigation_timeout(120_000)
    hand_in(page)
    target = task.revisions.get().target
    assert len(target["messages"]) == 201
    assert target["outcome"]["label"] == "successful"
    assert target["outcome"]["interventions"] == [{"step": 21, "what": "A person stepped in"}]


def test_of_several_trajectories_in_a_file_one_is_chosen(desk, tmp_path):
    runs = [
        {
            "traj": [
                {"role": "user", "content": f"Task {n}"},
                {"role": "assistant", "content": "It is done."},
            ]
        }
        for n in (1, 2, 3)
    ]
    file = tmp_path / "runs.json"
    file.write_text(json.dumps(runs))
    page, task = desk(target_kind="trajectory")
    page.get_by_label("File of the trajectory").set_input_files(file)
    which = page.get_by_label("The file holds 3 trajectories. Which one is it?")
    expect(page.locator("[data-steps]")).to_contain_text("Task 1")
    which.fill("3")
    which.blur()
    expect(page.locator("[data-steps]")).to_contain_text("Task 3")
    page.get_by_label("Failed").check()
    page.get_by_label("Response").fill("The third run.")
    saved(page)
    hand_in(page)
    target = task.revisions.get().target
    assert target["messages"][0]["content"] == "Task 3"
    assert target["native"]["entry"] == 3


def test_right_to_left(desk):
    page, task = desk(language="he")
    box = page.get_by_label("Response")
    expect(box).to_have_attribute("dir", "rtl")
    expect(box).to_have_attribute("lang", "he")
    text = "אפיקסבן 5 מ״ג פעמיים ביום\nIn English: twice a day"
    box.click()
    page.keyboard.type(text)
    page.keyboard.press("Home")
    page.keyboard.type("- ")
    saved(page)
    assert Assignment.objects.get(task=task).fields["response"] == text.replace("\nIn", "\n- In")


def shares(page, task):
    saved(page)
    hand_in(page)
    revision = task.revisions.get()
    assert revision.log_complete
    return revision, revision.log_summary["shares"]


def test_an_input_method_composes_and_is_no_paste(desk):
    page, task = desk(language="ja")
    page.get_by_label("Response").click()
    devtools = page.context.new_cdp_session(page)
    for words in ("k", "か", "かん", "かんじ"):
        devtools.send(
            "Input.imeSetComposition",
            {"text": words, "selectionStart": len(words), "selectionEnd": len(words)},
        )
    devtools.send("Input.insertText", {"text": "漢字"})
    revision, found = shares(page, task)
    assert revision.text == "漢字"
    assert found["pasted"] == 0
    assert found["composed"] == 100


def test_dictation_arrives_in_large_pieces_and_is_no_paste(desk):
    page, task = desk()
    page.get_by_label("Response").click()
    page.keyboard.insert_text("Apixaban five milligrams twice a day prevents stroke.")
    page.keyboard.insert_text(" It is not given with mechanical valves, nor after a recent bleed.")
    _, found = shares(page, task)
    assert found["pasted"] == 0


def test_a_word_that_the_spell_checker_replaces_is_noted_as_such(desk):
    page, task = desk()
    box = page.get_by_label("Response")
    expect(box).to_have_attribute("spellcheck", "true")
    expect(box).to_have_attribute("autocorrect", "on")
    box.click()
    page.keyboard.type("Apixiban helps.")
    box.evaluate("""box => {
      box.dispatchEvent(new InputEvent("beforeinput", { inputType: "insertReplacementText", bubbles: true }));
      const words = document.createTreeWalker(box, NodeFilter.SHOW_TEXT).nextNode();
      words.data = words.data.replace("Apixiban", "Apixaban");
    }""")
    saved(page)
    edits = page.evaluate("task => fetch(`/write/${task}/log/`).then((a) => a.json())", task.pk)
    kinds = [edit[3] for batch in edits["batches"] for edit in batch["edits"]]
    assert "replaced" in kinds
    assert Assignment.objects.get(task=task).fields["response"] == "Apixaban helps."


def test_lists_go_on_and_end_by_themselves(desk):
    page, task = desk()
    page.get_by_label("Response").click()
    page.keyboard.type("1. first\nsecond\n\nAnd `code`, **bold**, 3 * 4 * 5.")
    page.keyboard.press("Control+Home")
    page.keyboard.press("End")
    page.keyboard.type("\nbetween")
    saved(page)
    assert Assignment.objects.get(task=task).fields["response"] == (
        "1. first\n2. between\n3. second\n\nAnd `code`, **bold**, 3 * 4 * 5."
    )
    assert page.locator(".cm-md-strong").inner_text() == "**bold**"
    assert page.locator(".cm-md-em").count() == 0


def test_keys_large_type_and_focus(desk):
    page, _ = desk()
    size = "box => parseFloat(getComputedStyle(box).fontSize)"
    box = page.get_by_label("Response")
    before = box.evaluate(size)
    page.locator("h1").click()
    page.keyboard.press("?")
    keys = page.get_by_role("dialog", name="Keys")
    expect(keys).to_contain_text("Submit for review")
    page.get_by_label("Large type").check()
    keys.get_by_role("button", name="Close").click()
    assert box.evaluate(size) > before
    page.reload()
    expect(page.locator("body")).to_have_class("large-type")
    page.get_by_role("button", name="Focus").click()
    expect(page.get_by_role("button", name="Focus")).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".brief")).to_be_hidden()
    expect(page.get_by_role("banner")).to_be_hidden()


def test_passed_on_with_a_reason(desk):
    page, task = desk()
    page.get_by_label("Response").fill("Half a thought")
    saved(page)
    page.get_by_role("button", name="Pass on…").click()
    page.get_by_label("Not my field").check()
    page.get_by_role("button", name="Pass it on").click()
    page.wait_for_url("**/write/")
    assert Assignment.objects.get(task=task).fields["response"] == "Half a thought"
    expect(page.get_by_text("Drafts you put aside")).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_everybody_can_use_it(desk, theme):
    page, _ = desk(size=NARROW)
    page.emulate_media(color_scheme=theme)
    assert axe_violations(page) == []
    assert sideways_scroll(page) <= 0
    assert unnamed_controls(page) == []


def test_without_scripts_the_form_saves_and_hands_in(desk, visitor, site):
    page, task = desk()
    writer = Assignment.objects.get(task=task).expert
    plain = visitor(writer, java_script_enabled=False)
    plain.goto(f"{site}/write/{task.pk}/")
    plain.get_by_label("Response").fill("Written without scripts, and still saved.")
    plain.get_by_role("button", name="Save and go on").click()
    expect(plain.get_by_label("Response")).to_have_value(
        "Written without scripts, and still saved."
    )
    plain.get_by_role("button", name="Submit for review").click()
    plain.wait_for_url("**/write/")
    assert task.revisions.get().text == "Written without scripts, and still saved."


MAILED = "Thank you for asking! Write to m.keller@kellerpraxis.de before the first dose."


def reason_of(page, check):
    return page.locator(f'[data-reason="{check}"][type=text]')


def test_what_was_said_beside_findings_is_there_after_every_refusal(desk, troubles):
    from annotation.services.release import lapse_leases

    troubles.allow("answer 500|Failed to load resource")
    page, task = desk()
    page.get_by_label("Response").click()
    page.keyboard.insert_text(MAILED)
    saved(page)
    page.get_by_label("Note to the reviewers").fill("From 2024.")
    finding = page.locator("li", has=reason_of(page, "personal_data"))
    finding.get_by_role("checkbox").check()
    page.keyboard.type("The practice's own")

    def still_there():
        expect(reason_of(page, "personal_data")).to_have_value("The practice's own")
        expect(finding.get_by_role("checkbox")).to_be_checked()
        expect(page.get_by_label("Note to the reviewers")).to_have_value("From 2024.")

    # Another warning blocks: handed in by key, from inside the list.
    page.keyboard.press("Control+Enter")
    expect(page.locator("[data-submit-error]")).to_contain_text("Not handed in. Some checks")
    still_there()
    expect(reason_of(page, "personal_data")).to_be_focused()
    expect(page.locator("[data-findings-list]")).to_contain_text("Not marked as met")
    # The server breaks.
    page.route("**/submit/", lambda route: route.fulfill(status=500, body="Server Error"))
    page.get_by_role("button", name="Submit for review").click()
    expect(page.locator("[data-submit-error]")).to_contain_text("the server had a problem")
    still_there()
    page.unroute("**/submit/")
    # The page is opened anew.
    saved(page)
    page.reload()
    expect(finding).to_be_visible()
    still_there()
    # Another device saved in between, unseen by this page.
    page.route("**/draft/**", lambda route: route.abort())
    troubles.allow("ERR_FAILED")
    Assignment.objects.update(draft_version=Assignment.objects.get().draft_version + 1)
    page.get_by_role("button", name="Submit for review").click()
    expect(page.locator("[data-submit-error]")).to_contain_text("Not handed in")
    still_there()
    page.unroute("**/draft/**")
    # Time ran out, and the task is taken again.
    Assignment.objects.update(leased_until="2020-01-01T00:00Z")
    assert lapse_leases() == 1
    page.reload()
    expect(page.get_by_label("Why a finding stands: Personal data")).to_have_value(
        "The practice's own"
    )
    page.get_by_role("button", name="Take it again").click()
    expect(finding).to_be_visible()
    still_there()
    flattery = page.locator("li", has=reason_of(page, "sycophancy"))
    flattery.get_by_role("checkbox").check()
    page.keyboard.type("Asked for by the guideline")
    page.get_by_role("button", name="Submit for review").click()
    page.wait_for_url("**/write/")
    reasons = {row.check_id: row.reason for row in task.revisions.get().findings.all()}
    assert reasons["personal_data"] == "The practice's own"


def test_a_time_that_ran_out_at_the_button_can_be_taken_again_beside_it(desk):
    from annotation.services.release import lapse_leases

    page, task = desk()
    page.get_by_label("Response").click()
    page.keyboard.insert_text(TEXT)
    saved(page)
    page.get_by_label("Note to the reviewers").fill("From 2024.")
    saved(page)
    Assignment.objects.update(leased_until="2020-01-01T00:00Z")
    assert lapse_leases() == 1
    page.get_by_role("button", name="Submit for review").click()
    expect(page.locator("[data-submit-error]")).to_contain_text("Your time on this task ran out")
    page.get_by_role("button", name="Take it again").click()
    saved(page)
    expect(page.get_by_label("Note to the reviewers")).to_have_value("From 2024.")
    hand_in(page)
    assert task.revisions.get().note == "From 2024."


def test_without_scripts_a_refusal_gives_every_word_back(desk, visitor, site):
    page, task = desk()
    writer = Assignment.objects.get(task=task).expert
    plain = visitor(writer, java_script_enabled=False)
    plain.goto(f"{site}/write/{task.pk}/")
    plain.get_by_label("Response").fill(MAILED)
    plain.get_by_label("Note to the reviewers").fill("From 2024.")
    plain.get_by_role("button", name="Submit for review").click()
    for check, words in (("personal_data", "Its own"), ("sycophancy", "")):
        plain.locator(f"#reason-{check}").fill(words)
    plain.get_by_role("button", name="Submit for review").click()
    expect(plain.locator("#reason-personal_data")).to_have_value("Its own")
    expect(plain.get_by_label("Response")).to_have_value(MAILED)
    expect(plain.get_by_label("Note to the reviewers")).to_have_value("From 2024.")
    plain.locator("#reason-sycophancy").fill("Asked for")
    plain.get_by_role("button", name="Submit for review").click()
    plain.wait_for_url("**/write/")
    assert task.revisions.get().note == "From 2024."
