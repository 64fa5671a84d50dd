"""From fields to targets, and from native files to messages."""

import json
from types import SimpleNamespace

import pytest

from annotation.errors import NativeUnreadable, TargetInvalid
from annotation.extras import marks_in_code_points
from annotation.native import read_native
from annotation.targets import compile_target, tool_calls

TOOL = {
    "name": "look_up",
    "parameters": {
        "type": "object",
        "properties": {"drug": {"type": "string"}},
        "required": ["drug"],
    },
}


def compiled(kind, fields, extras=None, schema=None, tools=()):
    instruction = SimpleNamespace(target_kind=kind, target_schema=schema or {}, tools=list(tools))
    return compile_target(instruction, fields, extras or {})


def test_one_response_is_kept_to_the_character():
    text = " two spaces  \n\n\ttab\u00a0\n"
    assert compiled("text", {"response": text})["messages"] == [
        {"role": "assistant", "content": text}
    ]


def test_turns_of_the_author():
    extras = {
        "turns": [
            {"field": "response", "role": "assistant"},
            {"field": "t-1", "role": "user"},
            {"field": "t-2", "role": "assistant"},
        ]
    }
    fields = {"response": "One.", "t-1": "And two?", "t-2": "Two."}
    target = compiled("messages", fields, extras)
    assert [m["role"] for m in target["messages"]] == ["assistant", "user", "assistant"]
    with pytest.raises(TargetInvalid, match="Turn 3 is still empty"):
        compiled("messages", {**fields, "t-2": " "}, extras)
    with pytest.raises(TargetInvalid, match="ends with a turn of the user"):
        compiled("messages", fields, {"turns": extras["turns"][:2]})


def test_an_object():
    assert compiled("json", {"response": '{"b": 1, "a": [2]}'})["object"] == {"b": 1, "a": [2]}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('{\n "a": }', "line 2"),
        ('{"a": 1, "a": 2}', "twice"),
        ('{"a": NaN}', "NaN"),
        ("", "line 1"),
        ("[" * 100_000, "cannot be read"),
    ],
)
def test_what_is_no_json_is_told_with_its_line(text, says):
    with pytest.raises(TargetInvalid, match=says):
        compiled("json", {"response": text})


STEPS = [
    {"field": "response", "type": "say"}, {"field": "s1", "type": "call", "name": "look_up"},
    {"field": "s2", "type": "call", "name": "look_up"}, {"field": "s3", "type": "result", "of": "s1"},
    {"field": "s4", "type": "result", "of": "s2"}, {"field": "s5", "type": "say"},
]  # fmt: skip
FIELDS = {
    "response": "I look.",
    "s1": '{"drug": "a"}',
    "s2": '{"drug": "b"}',
    "s3": "A",
    "s4": "B",
    "s5": "Done.",
}


def test_calls_side_by_side_with_their_results():
    messages = compiled("tool_calls", FIELDS, {"steps": STEPS}, tools=[TOOL])["messages"]
    assert [m["role"] for m in messages] == ["assistant", "tool", "tool", "assistant"]
    ids = [call["id"] for call in messages[0]["tool_calls"]]
    assert [m["tool_call_id"] for m in messages[1:3]] == ids
    assert all(len(name) == 9 and name.isalnum() for name in ids)
    assert tool_calls.call_id("s1") == ids[0]


@pytest.mark.parametrize(
    ("change", "steps", "says"),
    [
        ({"s1": "{}"}, STEPS, "breaks the schema"),
        ({"s1": '{"drug": 5}'}, STEPS, "breaks the schema"),
        ({"s1": "[]"}, STEPS, "not an object"),
        ({"s1": "{"}, STEPS, "line 1"),
        ({}, [{"field": "s1", "type": "call", "name": "delete_all"}], "not among the tools"),
        ({}, [{"field": "s3", "type": "result", "of": "s9"}], "does not stand before it"),
        ({}, [{"field": "s9", "type": "say"}], "no step yet"),
        ({}, STEPS[:5], "The last step is the result"),
        ({}, [*STEPS[:3], STEPS[5]], "Before step 4 a call has no result"),
        ({"s3": " "}, STEPS, "Step 4, the result of a call, is empty"),
        ({"s3": "", "s4": ""}, STEPS, "Step 4, the result of a call, is empty"),
    ],
)
def test_a_call_that_does_not_hold_is_told_with_its_step(change, steps, says):
    with pytest.raises(TargetInvalid, match=says):
        compiled("tool_calls", {**FIELDS, **change}, {"steps": steps}, tools=[TOOL])


def test_calls_at_the_end_may_leave_their_results_unwritten():
    fields = FIELDS | {"s3": "", "s4": " "}
    (message,) = compiled("tool_calls", fields, {"steps": STEPS[:5]}, tools=[TOOL])["messages"]
    assert [call["function"]["arguments"]["drug"] for call in message["tool_calls"]] == ["a", "b"]


# As the page lays them out: each call with the box for its result below it.
ONE_BY_ONE = [STEPS[1], STEPS[3], STEPS[2], STEPS[4]]


def test_calls_whose_results_nobody_writes_are_made_at_once():
    fields = FIELDS | {"s3": "", "s4": " "}
    (message,) = compiled("tool_calls", fields, {"steps": ONE_BY_ONE}, tools=[TOOL])["messages"]
    assert [call["function"]["arguments"]["drug"] for call in message["tool_calls"]] == ["a", "b"]


def test_a_call_may_go_together_with_the_one_before():
    def roles(steps):
        extras = {"steps": [*steps, STEPS[5]]}
        return [m["role"] for m in compiled("tool_calls", FIELDS, extras, tools=[TOOL])["messages"]]

    one_by_one = ["assistant", "tool", "assistant", "tool", "assistant"]
    assert roles(ONE_BY_ONE) == one_by_one
    first, result, second, other = ONE_BY_ONE
    together = [first, result, second | {"together": True}, other]
    assert roles(together) == ["assistant", "tool", "tool", "assistant"]


def test_a_refusal_names_the_box_that_it_speaks_of():
    for fields in ({"s1": "{}"}, {"s1": "{"}, {"s1": "[]"}):
        with pytest.raises(TargetInvalid) as refused:
            compiled("tool_calls", FIELDS | fields, {"steps": STEPS}, tools=[TOOL])
        assert refused.value.data["field"] == "s1"


def test_a_trajectory_needs_its_file_and_its_outcome():
    with pytest.raises(TargetInvalid, match="No trajectory"):
        compiled("trajectory", {})
    about = {
        "sha256": "0" * 64,
        "messages": [{"role": "user", "content": "x"}],
        "format": "OpenHands",
    }
    with pytest.raises(TargetInvalid, match="outcome"):
        compiled("trajectory", {}, {"trajectory": about})
    target = compiled("trajectory", {}, {"trajectory": {**about, "outcome": "recovery"}})
    assert target["outcome"]["label"] == "recovery"
    assert target["native"] == {"sha256": "0" * 64, "format": "OpenHands"}


CALL = {"id": "call_1", "function": {"name": "files.list", "arguments": '{"path": "."}'}}
NATIVE = {
    "SWE-agent": {
        "trajectory": [],
        "history": [
            {"role": "user", "content": "demo", "is_demo": True},
            {"role": "user", "content": [{"type": "text", "text": "Fix it."}]},
            {"role": "assistant", "content": "I look.", "tool_calls": [CALL]},
            {"role": "tool", "content": "a.py", "tool_call_ids": ["call_1"]},
        ],
    },
    "tau-bench": [{"traj": [{"role": "user", "content": "Fix it."}, {"role": "assistant", "content": None, "tool_calls": [CALL]}, {"role": "tool", "tool_call_id": "call_1", "name": "files.list", "content": "a.py"}]}],
    "OpenHands": [
        {"id": 0, "source": "user", "action": "message", "args": {"content": "Fix it."}},
        {"id": 1, "source": "agent", "action": "run", "args": {"command": "ls", "thought": "I look."}},
        {"id": 2, "cause": 1, "source": "agent", "observation": "run", "content": "a.py"},
    ],
    "ToolTalk": {"apis_used": ["List"], "conversation": [{"index": 0, "role": "user", "text": "Fix it."}, {"index": 1, "role": "assistant", "text": "Done.", "apis": [{"request": {"api_name": "List", "parameters": {}}, "response": {"files": ["a.py"]}, "exception": None}]}]},
    "BFCL": {"id": "x", "question": [[{"role": "user", "content": "Fix it."}]], "ground_truth": [["files.list(path='.')"]]},
}  # fmt: skip


@pytest.mark.parametrize("name", NATIVE)
def test_native_trajectories_become_messages(name):
    native = read_native(json.dumps(NATIVE[name]).encode())
    assert native.format == name
    assert native.messages[0] == {"role": "user", "content": "Fix it."}
    calls = [call for message in native.messages for call in message.get("tool_calls", [])]
    assert len(calls) == 1
    assert len(calls[0]["id"]) == 9
    assert isinstance(calls[0]["function"]["arguments"], dict)
    for message in native.messages:
        if message["role"] == "tool":
            assert message["tool_call_id"] == calls[0]["id"]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "not a trajectory"), (b"\xff\xfe", "not UTF-8"), (b"{}", "not a trajectory"), (b"[" * 100_000, "nested|not JSON"),
        (b'{"history": [{}], "trajectory": []}', "part of it is missing"), (b'{"history": [], "trajectory": []}', "no step"),
        (b'{"id": "x", "question": [[{"role": "user", "content": "Why?"}]]}', "questions only"),
        (b" " * (26 * 1024 * 1024), "25 MB"),
        (b'{"id": "x", "question": [[]], "ground_truth": [["f(__import__(\'os\'))"]]}', "missing"),
    ],
    ids=range(9),
)  # fmt: skip
def test_files_that_cannot_be_read_say_why(data, says):
    with pytest.raises(NativeUnreadable, match=says):
        read_native(data)


def test_a_result_bears_the_name_of_what_was_called():
    (*_, result) = read_native(json.dumps(NATIVE["SWE-agent"]).encode()).messages
    assert result["name"] == "files_list"


def test_characters_that_cannot_be_stored_are_replaced():
    native = read_native(b'{"traj": [{"role": "assistant", "content": "a\\u0000b\\ud800c"}]}')
    assert native.messages[0]["content"] == "a\ufffdb\ufffdc"


def test_marks_are_counted_in_code_points():
    fields = {"response": "😀 The dose is 5 mg."}
    coverage, sources = marks_in_code_points(
        fields,
        {
            "coverage": [
                {"requirement": "r1", "start": 3, "end": 11},
                {"requirement": "r2", "why_not": "No."},
            ],
            "sources": [{"start": "x"}],
        },
    )
    assert coverage[0]["quote"] == "The dose"
    assert fields["response"][coverage[0]["start"] : coverage[0]["end"]] == "The dose"
    assert coverage[1] == {"requirement": "r2", "why_not": "No."}
    assert sources == [{"start": "x"}]


def test_of_several_in_a_file_the_one_that_is_named_is_read():
    done = {"role": "assistant", "content": "Done."}
    runs = [{"traj": [{"role": "user", "content": words}, done]} for words in ("First", "Second")]
    for data in (json.dumps(runs), "\n".join(map(json.dumps, runs))):
        second = read_native(data.encode(), entry=2)
        assert (second.entry, second.entries) == (2, 2)
        assert second.messages == [{"role": "user", "content": "Second"}, done]
        for missing in (0, 3):
            with pytest.raises(NativeUnreadable, match="holds 2 trajectories"):
                read_native(data.encode(), entry=missing)


def test_a_demonstration_in_yaml_is_read_and_a_bomb_is_not():
    demonstration = (
        b"history:\n- {role: user, message_type: observation, content: Fix it.}\n"
        b"- {role: assistant, message_type: action, content: Done.}\n"
    )
    native = read_native(demonstration)
    assert native.format == "SWE-agent"
    assert native.messages[0] == {"role": "user", "content": "Fix it."}
    bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{after}: &{after} [{','.join(['*' + before] * 9)}]\n"
        for before, after in zip("abcdefgh", "bcdefghi", strict=True)
    )
    with pytest.raises(NativeUnreadable):
        read_native(f"history: *i\n{bomb}".encode())
    with pytest.raises(NativeUnreadable):
        read_native(b"history: !!python/object/apply:os.system [ls]\n")


def test_an_id_that_a_run_uses_twice_stays_with_its_own_result():
    call = {"id": "abcdefghi", "function": {"name": "look", "arguments": "{}"}}
    step = {"role": "assistant", "content": "", "tool_calls": [call]}
    result = {"role": "tool", "tool_call_id": "abcdefghi", "name": "look", "content": "there"}
    run = {"traj": [{"role": "user", "content": "Go"}, step, result, step, result]}
    messages = read_native(json.dumps(run).encode()).messages
    first, second = (message["tool_calls"][0]["id"] for message in messages[1::2])
    assert first == "abcdefghi"
    assert first != second
    assert [message["tool_call_id"] for message in messages[2::2]] == [first, second]
