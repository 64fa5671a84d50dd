"""What instructions and responses can be found by. Made from them by jobs, and made again when it is lost."""

from typing import Any

from django.contrib.postgres.indexes import GinIndex
from django.db import models


class WordsField(models.TextField):  # type: ignore[type-arg]  # takes no argument at run time
    """A tsvector that `lib.words` has put together: the database divides nothing into words itself."""

    def db_type(self, connection: Any) -> str:
        """The database's own type."""
        return "tsvector"


@WordsField.register_lookup
class Hold(models.Lookup):
    """`words__hold=asked.query`: every word is there."""

    lookup_name = "hold"

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        left, of_left = self.process_lhs(compiler, connection)
        right, of_right = self.process_rhs(compiler, connection)
        return f"{left} @@ {right}::tsquery", (*of_left, *of_right)


class InstructionWords(models.Model):
    """The words of what is asked: messages, evidence, requirements and tags."""

    instruction = models.OneToOneField(
        "annotation.Instruction", on_delete=models.PROTECT, primary_key=True, related_name="+"
    )
    words = WordsField()

    class Meta:
        indexes = [GinIndex(fields=["words"], name="instruction_words")]

    def __str__(self) -> str:
        return f"Words of {self.instruction_id}"


class RevisionWords(models.Model):
    """The words of a response that was handed in. Drafts are not looked through."""

    revision = models.OneToOneField(
        "annotation.Revision", on_delete=models.PROTECT, primary_key=True, related_name="+"
    )
    words = WordsField()

    class Meta:
        indexes = [GinIndex(fields=["words"], name="revision_words")]

    def __str__(self) -> str:
        return f"Words of {self.revision_id}"
