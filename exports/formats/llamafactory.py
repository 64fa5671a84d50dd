"""LLaMA-Factory in its ShareGPT dialect, JSON Lines, with `dataset_info.json`."""

from collections.abc import Mapping

from exports.formats import reading
from exports.formats.sharegpt import turns
from exports.formats.types import JsonLines, Projection, Refused, Shelf, json_file
from exports.records import Record

_ODD, _EVEN = ("human", "observation"), ("gpt", "function_call")


class LlamaFactory(JsonLines):
    """Strict alternation: LLaMA-Factory drops a row that breaks it and only its log tells."""

    slug = "llamafactory"
    title = "LLaMA-Factory (sharegpt)"
    version = 2
    drops = ("record id", "masks", "call ids", "provenance", "verification", "governance")

    def project(self, record: Record) -> Projection:
        """One row with `conversations`, `system` and `tools`."""
        reading.refuse_attachments(record)
        reading.refuse_masks(record)
        reading.refuse_placeholders(record)
        spoken = turns(reading.without_system(record))
        for place, turn in enumerate(spoken):
            if turn["from"] == "tool":
                turn["from"] = "observation"
            if turn["from"] not in (_EVEN if place % 2 else _ODD):
                raise Refused("turns that do not alternate, or parallel tool results")
        if len(spoken) % 2:
            raise Refused("the last turn is not the assistant's")
        row = {
            "conversations": spoken,
            "system": reading.system(record),
            "tools": reading.worded_tools(record) or "",
        }
        return Projection([row], reading.lost(record, "strict tools"))

    def companions(self, shelf: Shelf) -> Mapping[str, bytes]:
        """`dataset_info.json` with one entry for each split."""
        entries = {
            f"{shelf.dataset}_{split}": {
                "file_name": name,
                "formatting": "sharegpt",
                # Naming some columns or tags sets all the others to none, so all are named.
                "columns": {"messages": "conversations", "system": "system", "tools": "tools"},
                "tags": {
                    "role_tag": "from",
                    "content_tag": "value",
                    "user_tag": "human",
                    "assistant_tag": "gpt",
                    "observation_tag": "observation",
                    "function_tag": "function_call",
                    "system_tag": "system",
                },
            }
            for split, name in shelf.files.items()
        }
        return {"dataset_info.json": json_file(entries)}
