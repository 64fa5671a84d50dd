"""Alpaca: single turns as one JSON array, with the entry LLaMA-Factory needs to read it."""

import re
from collections.abc import Mapping

from exports.formats import reading
from exports.formats.types import JsonArray, Projection, Refused, Shelf, json_file
from exports.records import Record

# What Arrow takes for a time where a whole column reads like that.
_TIME = re.compile(r"\d{4}-\d\d-\d\d([ T]\d\d(:\d\d(:\d\d)?)?(Z|[+-]\d\d(:?\d\d)?)?)?")


class Alpaca(JsonArray):
    """`instruction`, `input` (always an empty text), `output`, `system`; never a flattened chat."""

    slug = "alpaca"
    title = "Alpaca"
    version = 2
    drops = ("record id", "provenance", "verification", "governance")

    def project(self, record: Record) -> Projection:
        """One row."""
        question, answer = single_turn(record)
        row = {
            "instruction": question,
            "input": "",
            "output": answer,
            "system": reading.system(record),
        }
        return Projection([row], reading.lost(record))

    def companions(self, shelf: Shelf) -> Mapping[str, bytes]:
        """`dataset_info.json` for LLaMA-Factory."""
        columns = {
            "prompt": "instruction",
            "query": "input",
            "response": "output",
            "system": "system",
        }
        entries = {
            f"{shelf.dataset}_{split}": {
                "file_name": name,
                "formatting": "alpaca",
                "columns": columns,
            }
            for split, name in shelf.files.items()
        }
        return {"dataset_info.json": json_file(entries)}


def single_turn(record: Record) -> tuple[str, str]:
    """The one question and its answer; refuses anything longer."""
    reading.refuse_attachments(record)
    reading.refuse_tools(record)
    reading.refuse_masks(record)
    spoken = reading.without_system(record)
    if [message["role"] for message in spoken] != ["user", "assistant"]:
        raise Refused("more than one question and one answer")
    question, answer = map(reading.text, spoken)
    if _TIME.fullmatch(answer):
        raise Refused("an answer that is a date alone, which loaders turn into a time")
    return question, answer
