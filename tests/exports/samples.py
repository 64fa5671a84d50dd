"""Records for the tests of formats: one of each shape that trips a trainer."""

from exports.freezing import completed
from exports.records import Record, faults

ODD = "  \u2028 one\u2029 two\u0085 three\x0b\x0c four \u200b \ud7ff 😀 é e\u0301\r\n\ttabs  \n\n"


def message(number, role, text, **extra):
    shown = {
        "id": f"m{number}",
        "role": role,
        "parts": [{"type": "text", "text": text}] if text else [],
        "train": role == "assistant",
        "weight": 1,
    }
    return shown | extra


def record(messages, *, start=None, tools=(), alternatives=(), **parts):
    data = completed(
        {
            "record_id": "0190b6a0-0000-7000-8000-000000000001",
            "revision": 1,
            "task": {
                "domain": "medicine",
                "type": "open_qa",
                "language": "en",
                "difficulty": 3,
                "tags": [],
            },
            "messages": messages,
            "tools": list(tools),
            "attachments": [],
            "environment": {"evidence": []},
            "target": {"kind": "text", "from_message": start or len(messages) - 1},
            "alternatives": list(alternatives),
            "provenance": {
                "origin": "human",
                "writer_ref": "p-1",
                "qualification": {},
                "assistance": "none",
                "sources": [],
                "created_at": "2026-01-02T03:04:05Z",
            },
            "verification": {
                "status": "approved",
                "approved_at": "2026-01-02T03:04:05Z",
                "quality_class": "A",
                "reviews": [],
                "checks": [],
                "tests": [],
            },
            "training": {
                "split": "train",
                "mixture": [],
                "sample_weight": 1,
                "truncation": "never",
            },
            "governance": {
                "licence": "cc-by-4.0",
                "terms_version": "1",
                "sensitivity": "none",
                "pii_scan": "",
                "withdrawn": False,
                "limitations": [],
            },
            **parts,
        }
    )
    assert faults(data) == []
    return Record(data)


def plain(text="An answer."):
    return record([message(1, "user", "A question?"), message(2, "assistant", text)])


def with_system(text=ODD):
    return record(
        [
            message(1, "system", "Be brief." + ODD),
            message(2, "user", "Q" + ODD),
            message(3, "assistant", text),
        ]
    )


def several_turns():
    return record(
        [
            message(1, "user", "One?"),
            message(2, "assistant", "1" + ODD),
            message(3, "user", "Two?"),
            message(4, "assistant", "2" + ODD),
        ],
        start=1,
    )


def masked_history():
    return record(
        [
            message(1, "user", "One?"),
            message(2, "assistant", "Given.", train=False),
            message(3, "user", "Two?"),
            message(4, "assistant", "Written." + ODD),
        ]
    )


TOOLS = [
    {
        "name": "dose",
        "description": "Look a dose up.",
        "parameters": {
            "type": "object",
            "properties": {"drug": {"type": "string"}, "age": {"type": "integer"}},
        },
    }
]


def with_tools(*, parallel=False, words=""):
    made = [
        {"id": "aaaaaaaa1", "name": "dose", "arguments": {"drug": "paracetamol" + ODD, "age": 6}}
    ]
    made += (
        [{"id": "aaaaaaaa2", "name": "dose", "arguments": {"drug": "ibuprofen"}}]
        if parallel
        else []
    )
    messages = [message(1, "user", "How much?"), message(2, "assistant", words, tool_calls=made)]
    for number, call in enumerate(made, 3):
        messages.append(message(number, "tool", '{"mg": 15}', tool_call_id=call["id"], name="dose"))
    messages.append(message(len(messages) + 1, "assistant", "15 mg." + ODD))
    return record(messages, start=1, tools=TOOLS)


def with_spans():
    return record(
        [
            message(1, "user", "Q?"),
            message(2, "assistant", "keep skip", spans=[{"start": 5, "end": 9, "train": False}]),
        ]
    )


def with_weight():
    return record([message(1, "user", "Q?"), message(2, "assistant", "A", weight=0.5)])


def with_pair():
    other = {
        "messages": [message(2, "assistant", "A worse answer.")],
        "verdict": "request_changes",
        "reason": "accuracy",
        "pair_kind": "revision",
    }
    return record(
        [message(1, "user", "Q?"), message(2, "assistant", "A better answer.")],
        alternatives=[other],
    )


SAMPLES = {
    "plain": plain(),
    "odd text": plain(ODD),
    "system": with_system(),
    "several turns": several_turns(),
    "masked history": masked_history(),
    "tools": with_tools(),
    "parallel tools": with_tools(parallel=True),
    "words beside call": with_tools(words="Let me look."),
    "spans": with_spans(),
    "half weight": with_weight(),
    "pair": with_pair(),
}
