"""How a file is to be read: which column is what, what holds for all rows, what other words mean."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from annotation.importing.columns import BY_NAME, field_named
from annotation.importing.rows import FileRefused


@dataclass(frozen=True)
class Plan:
    """`columns` maps fields to paths in a row, `constants` fields to a value for every row that has none of
    its own, `aliases` words of the domain column to paths of domains. With `guess`, columns that are not
    named are taken for what they are called. `seen` are the columns of the first rows, from which it was made;
    `late` those that first appear further below: they are judged while the file is read (importing.late). `joins` says
    that evidence is where it seems to be, and nobody chose otherwise: then a late column may join it."""

    columns: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    aliases: Mapping[str, str] = field(default_factory=dict)
    encoding: str = ""
    sheet: str = ""
    guess: bool = True
    seen: Sequence[str] = ()
    late: Sequence[str] = ()
    joins: bool = False

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Plan":
        return cls(**{name: stored[name] for name in cls.__dataclass_fields__ if name in stored})


def aliases_named(given: list[str], option: str) -> dict[str, str]:
    """`["Healthcare=medicine"]` as {"Healthcare": "medicine"}; raises FileRefused for what is no pair."""
    aliases: dict[str, str] = {}
    for pair in given:
        word, equals, path = pair.rpartition("=")
        if not equals:
            raise FileRefused(f"{option} {pair}: write it as WORD=DOMAIN.")
        aliases[word] = path
    return aliases


def pairs_named(given: list[str], option: str) -> dict[str, str]:
    """`["prompt=Question"]` as {"instruction": "Question"}; raises FileRefused for what names no field."""
    named: dict[str, str] = {}
    for pair in given:
        word, equals, value = pair.partition("=")
        found = field_named(word)
        if not equals or found is None:
            raise FileRefused(
                f"{option} {pair}: there is no field “{word.strip()}”.",
                advice=f"Write {option} FIELD=…, with one of: {', '.join(BY_NAME)}.",
            )
        named[found.name] = value.strip()
    return named
