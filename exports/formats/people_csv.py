"""A plain table for people and spreadsheets, CSV."""

from exports.formats import reading
from exports.formats.types import CsvTable, Projection, Refused
from exports.records import Record

# What pandas, and `datasets` with it, takes for a missing value in any cell.
MISSING = frozenset(
    [
        "",
        "#N/A",
        "#N/A N/A",
        "#NA",
        "-1.#IND",
        "-1.#QNAN",
        "-NaN",
        "-nan",
        "1.#IND",
        "1.#QNAN",
        "<NA>",
        "N/A",
        "NA",
        "NULL",
        "NaN",
        "None",
        "n/a",
        "nan",
        "null",
    ]
)
# A cell of a spreadsheet, counted as spreadsheets count: Excel cuts what is longer.
_LONGEST_CELL = 32_767


class PeopleCsv(CsvTable):
    """One row a record, cells as written: read every column as text, for cells may begin with `=` or be all digits."""

    slug = "csv"
    title = "CSV for people"
    version = 2
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
        _refuse_bent_cells(row["system"], row["prompt"], row["response"])
        several = len(prompt) > 1 or len(record.completion) > 1
        turns = frozenset({"turn structure"} if several else ())
        return Projection([row], reading.lost(record) | turns)


def _refuse_bent_cells(system: str, prompt: str, response: str) -> None:
    # No system message is an empty cell, and comes back as one.
    if prompt in MISSING or response in MISSING or (system and system in MISSING):
        raise Refused("a text that readers of tables take for a missing one, such as NA")
    if any(_units(cell) > _LONGEST_CELL for cell in (system, prompt, response)):
        raise Refused("a text longer than a cell of a spreadsheet holds")


def _units(cell: str) -> int:
    short = 2 * len(cell) <= _LONGEST_CELL
    return len(cell) if short else len(cell.encode("utf-16-le")) // 2


def _transcript(messages: list[reading.Message]) -> str:
    if len(messages) == 1:
        return reading.text(messages[0])
    return "\n\n".join(f"{message['role']}: {reading.text(message)}" for message in messages)
