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


def tell(**facts):
    print(json.dumps(facts))
