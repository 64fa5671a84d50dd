"""An instruction that is ready to be stored, and the identity of its content."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from annotation.enums import TargetKind

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Draft:
    """What one row of a file, or one entry of a form, asks for. Field for field as in `Instruction`.

    `domain` is the path of a domain, like `medicine.cardiology`; None stands for the project's own
    number of responses.
    """

    messages: Sequence[Json]
    domain: str
    external_id: str = ""
    evidence: Sequence[Json] = ()
    attachments: Sequence[Json] = ()
    tools: Sequence[Json] = ()
    requirements: Sequence[Json] = ()
    target_kind: str = TargetKind.TEXT
    target_schema: Json = field(default_factory=dict)
    language: str = "en"
    difficulty: int = 3
    task_type: str = ""
    tags: Sequence[str] = ()
    source: Json = field(default_factory=dict)
    rights: Json = field(default_factory=dict)
    responses_wanted: int | None = None
    priority: int = 0

    @property
    def sha256(self) -> bytes:
        """32 bytes over everything the writer answers.

        Where it came from and how it is filed (domain, tags, difficulty, identifiers) does not count, so
        that the same question under another label is still the same question.
        """
        content: list[Any] = [
            self.messages, self.evidence, self.tools, self.requirements, self.target_kind, self.target_schema,
        ]  # fmt: skip
        if self.attachments:
            content.append([file["sha256"] for file in self.attachments])
        return hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).digest()
