"""From the fields of the editor to the canonical target: pure functions, one kind a file."""

from collections.abc import Callable, Mapping
from typing import Any

from annotation.enums import TargetKind
from annotation.targets import text

Target = dict[str, Any]
Compile = Callable[[Mapping[str, str], Mapping[str, Any]], Target]

COMPILERS: dict[str, Compile] = {
    TargetKind.TEXT: text.compile_target,
}


def compile_target(kind: str, fields: Mapping[str, str], extras: Mapping[str, Any]) -> Target:
    """The canonical target of `kind` from the draft's fields; raises Invalid where they do not hold."""
    return COMPILERS[kind](fields, extras)
