"""OpenAI preference rows (direct preference optimisation), JSON Lines."""

from exports.formats import reading
from exports.formats.dpo import pairs
from exports.formats.types import JsonLines, Projection, Row
from exports.records import Record


class OpenAIPreference(JsonLines):
    """`input`, `preferred_output`, `non_preferred_output`; a by-product of review."""

    slug = "openai-preference"
    title = "OpenAI preference pairs"
    version = 2
    drops = ("record id", "reasons", "provenance", "verification", "governance")

    def project(self, record: Record) -> Projection:
        """One row for each text that was not approved."""
        found = list(pairs(record))
        for _, rejected in found:
            # Its outputs hold messages of the assistant and of tools, no others.
            reading.refuse_others([*record.completion, *rejected], allowed=("assistant", "tool"))
        rows = [self._row(record, rejected) for _, rejected in found]
        return Projection(rows, reading.lost(record, "developer role", "strict tools"))

    @staticmethod
    def _row(record: Record, rejected: list[reading.Message]) -> Row:
        given: Row = {"messages": [_turn(message) for message in record.prompt]}
        if record.tools:
            given["tools"] = reading.functions(record)
        return {
            "input": given,
            "preferred_output": [_turn(message) for message in record.completion],
            "non_preferred_output": [_turn(message) for message in rejected],
        }


def _turn(message: reading.Message) -> reading.Message:
    turn = reading.turn(message, words=True, developer=True)
    turn.pop("name", None)
    return turn
