"""Shapes that all kinds of target share."""

import dataclasses
from collections.abc import Mapping
from typing import Any

Fields = Mapping[str, str]
Extras = Mapping[str, Any]
Target = dict[str, Any]

FIRST = "response"


@dataclasses.dataclass(frozen=True)
class Part:
    """One box of the editor. `kind` is markdown, json or plain; `about` holds what this kind shows beside it."""

    field: str
    label: str
    kind: str = "markdown"
    about: dict[str, Any] = dataclasses.field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """As the page's script reads it."""
        return dataclasses.asdict(self)
