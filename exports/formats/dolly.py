"""Dolly rows: instruction, context, response and one of eight categories, JSON Lines."""

from typing import Any

from exports.formats import reading
from exports.formats.alpaca import single_turn
from exports.formats.types import JsonLines, Projection, Refused
from exports.records import Record

CATEGORIES = frozenset(
    [
        "brainstorming",
        "classification",
        "closed_qa",
        "open_qa",
        "general_qa",
        "creative_writing",
        "information_extraction",
        "summarization",
    ]
)


class Dolly(JsonLines):
    """Evidence is the context; a task type outside Dolly's eight is left out."""

    slug = "dolly"
    title = "Dolly"
    version = 2
    drops = ("record id", "provenance", "verification", "governance")

    def project(self, record: Record) -> Projection:
        """One row."""
        question, answer = single_turn(record)
        if reading.system(record):
            raise Refused("a system message")
        category = record.data["task"]["type"]
        if category not in CATEGORIES:
            raise Refused("a task type that Dolly has no category for")
        row = {
            "instruction": question,
            "context": "\n\n".join(map(_words, record.data["environment"]["evidence"])),
            "response": answer,
            "category": category,
        }
        return Projection([row], reading.lost(record, "evidence"))


def _words(evidence: Any) -> str:
    if isinstance(evidence, str):
        return evidence
    if isinstance(evidence, dict) and isinstance(evidence.get("text"), str):
        return str(evidence["text"])
    raise Refused("evidence that is not text")
