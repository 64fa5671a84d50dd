"""A plain table for people and spreadsheets, CSV."""

from exports.formats import reading
from exports.formats.types import CsvTable, Projection
from exports.records import Record


class PeopleCsv(CsvTable):
    """One row a record, cells exactly as written: open it as text, since cells may begin with `=`."""

    slug = "csv"
    title = "CSV for people"
    drops = ("reasoning", "masks", "governance", "writing log")
    columns = (
        "record_id",
        "revision",
        "split",
        "domain",
        "type",
        "language",
        "difficulty",
        "system",
        "prompt",
        "response",
        "quality_class",
        "approved_at",
        "licence",
    )

    def project(self, record: Record) -> Projection:
        """One row; a conversation of several turns is written out as a transcript."""
        reading.refuse_attachments(record)
        reading.refuse_tools(record)
        data = record.data
        prompt = [m for m in record.prompt if m["role"] not in ("system", "developer")]
        row = {
            "record_id": record.record_id,
            "revision": data["revision"],
            "split": data["training"]["split"],
            **{key: data["task"][key] for key in ("domain", "type", "language", "difficulty")},
            "system": reading.system(record),
            "prompt": _transcript(prompt),
            "response": _transcript(record.completion),
            "quality_class": data["verification"]["quality_class"],
            "approved_at": data["verification"]["approved_at"],
            "licence": data["governance"]["licence"],
        }
        several = len(prompt) > 1 or len(record.completion) > 1
        turns = frozenset({"turn structure"} if several else ())
        return Projection([row], reading.lost(record) | turns)


def _transcript(messages: list[reading.Message]) -> str:
    if len(messages) == 1:
        return reading.text(messages[0])
    return "\n\n".join(f"{message['role']}: {reading.text(message)}" for message in messages)
