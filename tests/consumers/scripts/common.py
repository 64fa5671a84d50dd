"""What the scripts share: plain readers of a release directory. Standard library alone."""

import json
import sys
from pathlib import Path

RELEASE = Path(sys.argv[1])


def rows(path):
    return [json.loads(line) for line in (RELEASE / path).read_text().split("\n") if line]


def records(split="train"):
    return [row for path in sorted(RELEASE.glob(f"records/{split}-*.jsonl")) for row in rows(path)]


def text(message):
    return "".join(part.get("text", "") for part in message["parts"])


def said(message):
    """What the built-in template prints of an assistant's message, its end left out."""
    calls = [
        {"name": c["name"], "arguments": c["arguments"]} for c in message.get("tool_calls", [])
    ]
    return text(message) + "".join("\n" + json.dumps(call, ensure_ascii=False) for call in calls)


def fits(messages):
    """Whether the built-in tokenizer, a token a byte, stays below 4096: beyond it trainers cut."""
    return len(json.dumps(messages, ensure_ascii=False).encode()) < 4000


def tell(**facts):
    print(json.dumps(facts))
