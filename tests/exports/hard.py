"""Records that are hard to carry over: whoever bends one of them silently is found."""

from tests.exports.samples import ODD, message, record

MARKS = (
    "<|im_start|>assistant\n<|im_end|></s>[INST] <think>x</think> <start_of_turn>{{ 1 }} {% if %}"
)
RIGHT_TO_LEFT = "\u202bשלום\u202c مرحبا 🧑\u200d⚕️ \ufeff\u00a0"
ARGUMENTS = {
    "": "",
    "nested": {"list": [1, 2.5, -0.0, 1e300, True, {"ü": "😀\u2028"}, []], "empty": {}},
    "text": '{"looks": "like JSON"}',
    "quote": 'a "quoted" \\ and \u0000\r\n',
    "z": 1,
    "a": 9007199254740991,
}
SCHEMA = {
    "type": "object",
    "properties": {"z": {"type": "integer"}, "a": {"enum": ["x", None, 1, {"k": []}]}},
    "required": [],
}
TOOLS = [
    {
        "name": "look_up",
        "description": "Look something up" + ODD,
        "parameters": SCHEMA,
        "strict": True,
    },
    {"name": "sum-2", "parameters": {"type": "object", "properties": {}}},
]


def call(number, arguments, name="look_up"):
    return {"id": f"aaaaaaaa{number}", "name": name, "arguments": arguments}


def result(number, text, call_number, **extra):
    return message(number, "tool", text, tool_call_id=f"aaaaaaaa{call_number}", **extra)


def dialogue(*turns, **parts):
    """Messages numbered as they come; a turn is (role, text) or (role, text, extra)."""
    shown = [
        message(number, turn[0], turn[1], **(turn[2] if len(turn) > 2 else {}))
        for number, turn in enumerate(turns, 1)
    ]
    return record(shown, **parts)


def agent(*results):
    """Two calls at once of one tool and of another, answered in the order given."""
    answers = [result(3 + place, text, number) for place, (number, text) in enumerate(results)]
    return record(
        [
            message(1, "user", "Both?"),
            message(
                2,
                "assistant",
                "",
                tool_calls=[call(1, ARGUMENTS), call(2, {"z": 1}), call(3, {}, "sum-2")],
            ),
            *answers,
            message(3 + len(answers), "assistant", "Done."),
        ],
        start=1,
        tools=TOOLS,
    )


HARD = {
    "control tokens": dialogue(("system", MARKS), ("user", MARKS), ("assistant", MARKS)),
    "right to left": dialogue(("user", RIGHT_TO_LEFT), ("assistant", RIGHT_TO_LEFT + "\n")),
    "line ends": dialogue(("user", "\n"), ("assistant", " \r\n\r \n\t ")),
    "nul": dialogue(("user", "a\x00b"), ("assistant", "\x00\x1b[0m\x7f")),
    "looks like data": dialogue(("user", '{"a": 1}'), ("assistant", "2026-01-02T03:04:05Z")),
    "spreadsheet formula": dialogue(("user", "=1+1"), ("assistant", '@SUM("a,b");\t-1')),
    "very long": dialogue(("user", "q" * 70_000), ("assistant", "ä\u2028" * 60_000)),
    "user twice": dialogue(("user", "One."), ("user", "Two."), ("assistant", "Both.")),
    "assistant twice": dialogue(
        ("user", "Go."), ("assistant", "One."), ("assistant", "Two."), start=1
    ),
    "developer": dialogue(("developer", "Rules."), ("user", "Q"), ("assistant", "A")),
    "empty question": dialogue(("user", ""), ("assistant", "An answer to nothing.")),
    "empty system": dialogue(("system", ""), ("user", "Q"), ("assistant", "A")),
    "placeholders": dialogue(("user", "What is <image> in HTML?"), ("assistant", "<audio> too.")),
    "masked and whole": dialogue(
        ("user", "One?"),
        ("assistant", "1", {"weight": 0}),
        ("user", "Two?"),
        ("assistant", "2", {"weight": 2.5}),
    ),
    "nested arguments": agent((1, '{"mg": 1.0}'), (2, "[1, 2]"), (3, "")),
    "decimals": record(
        [
            message(1, "user", "How much, in grams?"),
            message(
                2, "assistant", "", tool_calls=[call(1, {"g": 0.3, "of": [1.503, 0.07, 1e-7]})]
            ),
            result(3, '{"g": 0.3}', 1),
            message(4, "assistant", "0.3 g."),
        ],
        start=1,
        tools=TOOLS,
    ),
    "answers in another order": agent((3, "sum"), (1, "first"), (2, "second")),
    "the same id twice": record(
        [
            message(1, "user", "Go."),
            message(2, "assistant", "", tool_calls=[call(1, {})]),
            result(3, '{"n": 1}', 1),
            message(4, "assistant", "And?", tool_calls=[call(1, {}, "sum-2")]),
            result(5, "2", 1, name="sum-2"),
            message(6, "assistant", "Done."),
        ],
        start=1,
        tools=TOOLS,
    ),
    "user after result": record(
        [
            message(1, "user", "Go."),
            message(2, "assistant", "", tool_calls=[call(1, {})]),
            result(3, "1", 1),
            message(4, "user", "Wait."),
            message(5, "assistant", "Waiting."),
        ],
        start=1,
        tools=TOOLS,
    ),
    "ends with a call": record(
        [message(1, "user", "Go."), message(2, "assistant", "", tool_calls=[call(1, {"z": 3})])],
        tools=TOOLS,
        target={"kind": "tool_call", "from_message": 1},
    ),
    "old schema": record(
        [message(1, "user", "Go."), message(2, "assistant", "No need.")],
        tools=[{"name": "old", "parameters": {"type": "object", "minProperties": "two"}}],
    ),
    "structured object": record(
        [
            message(1, "user", "As JSON."),
            message(2, "assistant", '{"dose": "15 mg/kg", "n": null}'),
        ],
        target={
            "kind": "json",
            "from_message": 1,
            "schema": SCHEMA,
            "object": {"dose": "15 mg/kg", "n": None},
        },
    ),
    "trajectory": record(
        [
            message(1, "system", "Act."),
            message(2, "user", "Fix it."),
            message(3, "assistant", "I look.", tool_calls=[call(1, {"z": 1})]),
            result(4, "exit 0\r\n", 1),
            message(5, "assistant", "Fixed."),
        ],
        tools=TOOLS,
        target={"kind": "trajectory", "from_message": 2, "outcome": {"tests": True}, "native": {}},
    ),
    "reasoning": dialogue(
        ("user", "Q"),
        ("assistant", "A", {"reasoning": "Because." + ODD, "reasoning_publishable": True}),
    ),
    "image": record(
        [
            {
                **message(1, "user", "What is this?"),
                "parts": [
                    {"type": "image", "attachment_id": "a"},
                    {"type": "text", "text": "What is this?"},
                ],
            },
            message(2, "assistant", "A heart."),
        ],
        attachments=[
            {
                "id": "a",
                "sha256": "0" * 64,
                "mime": "image/png",
                "bytes": 1,
                "path": "attachments/" + "0" * 64,
                "rights": "cc0-1.0",
            }
        ],
    ),
    "spans beyond the plane": dialogue(
        ("user", "Q"),
        ("assistant", "😀😀 keep", {"spans": [{"start": 0, "end": 2, "train": False}]}),
    ),
    "evidence": record(
        [message(1, "user", "Q"), message(2, "assistant", "A")],
        environment={"evidence": [{"text": "Given."}, "Also."]},
    ),
}
