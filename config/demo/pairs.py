"""The demo's content as files: `pairs/<field>/<name>.md` with a response, `open/<field>.toml` without.

A pair is TOML between two lines of `+++`, then parts that begin with a line `=== user` (or `system`,
`assistant`), and last `=== response`. A pair that was repaired once has the earlier text as `=== first`.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from annotation.enums import TaskState
from annotation.importing.draft import Draft

HOME = Path(__file__).parent
ROLES = ("system", "user", "assistant")
_PART = re.compile(r"^=== (\w+)\n", re.MULTILINE)


@dataclass(frozen=True)
class Pair:
    """An instruction of the demo, and how far its response is to be brought."""

    draft: Draft
    state: TaskState
    response: str = ""
    first: str = ""
    head: Mapping[str, Any] | None = None

    @property
    def field(self) -> str:
        """The root of its domain: `medicine`."""
        return self.draft.domain.partition(".")[0]

    def note(self, name: str) -> str:
        """One of the texts in the head, or nothing."""
        return str((self.head or {}).get(name, ""))


def demo_pairs() -> list[Pair]:
    """Everything the demo holds, always in the same order: written work first, then what is open."""
    written = [_written(path) for path in sorted((HOME / "pairs").glob("*/*.md"))]
    waiting = [pair for path in sorted((HOME / "open").glob("*.toml")) for pair in _open(path)]
    return written + waiting


def _written(path: Path) -> Pair:
    _, head, body = path.read_text(encoding="utf-8").split("+++\n", 2)
    fields = tomllib.loads(head)
    pieces = _PART.split(body)[1:]
    parts = [(name, text.strip("\n")) for name, text in zip(pieces[::2], pieces[1::2], strict=True)]
    messages = [{"role": name, "content": text} for name, text in parts if name in ROLES]
    texts = dict(parts)
    return Pair(
        draft=_draft(f"{path.parent.name}/{path.stem}", fields, messages),
        state=TaskState(fields["state"]),
        response=texts["response"],
        first=texts.get("first", ""),
        head=fields,
    )


def _open(path: Path) -> Iterator[Pair]:
    for fields in tomllib.loads(path.read_text(encoding="utf-8"))["instruction"]:
        messages = [{"role": "user", "content": fields["ask"]}]
        draft = _draft(f"{path.stem}/{fields['key']}", fields, messages)
        yield Pair(draft=draft, state=TaskState.OPEN, head=fields)


def _draft(key: str, fields: Mapping[str, Any], messages: list[dict[str, str]]) -> Draft:
    return Draft(
        messages=messages,
        domain=fields["domain"],
        external_id=key,
        requirements=[
            {"id": f"r{number}", **asked} for number, asked in enumerate(fields["requirements"], 1)
        ],
        difficulty=fields["difficulty"],
        task_type=fields["type"],
        tags=fields["tags"],
        source={"file": "demo", "licence": "cc-by-4.0"},
    )
