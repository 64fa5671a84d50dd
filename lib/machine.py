"""A state machine as data: one table of moves with many readers (executor, database, diagram, tests)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from lib.errors import IllegalMove


@dataclass(frozen=True)
class Move:
    """One legal move: `verb` takes the thing from `source` to `target`; `by` names who may do it."""

    verb: str
    source: str
    target: str
    by: str


@dataclass(frozen=True)
class Machine:
    """All legal moves of one kind of thing."""

    name: str
    initial: str
    moves: tuple[Move, ...]
    _by_key: dict[tuple[str, str], Move] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        table = {(move.source, move.verb): move for move in self.moves}
        if len(table) != len(self.moves):
            message = f"{self.name}: two moves share a source and a verb"
            raise ValueError(message)
        object.__setattr__(self, "_by_key", table)

    def check(self, source: str, verb: str) -> Move:
        """Return the move that `verb` makes from `source`, or raise IllegalMove."""
        move = self._by_key.get((source, verb))
        if move is None:
            raise IllegalMove(
                f"“{verb.replace('_', ' ')}” is not possible while this is "
                f"“{source.replace('_', ' ')}”.",
                advice="Reload the page to see where it stands now.",
                state=source,
                verb=verb,
            )
        return move

    def moves_from(self, source: str) -> Iterator[Move]:
        """The moves that leave `source`."""
        return (move for move in self.moves if move.source == source)

    def edges(self) -> list[tuple[str, str]]:
        """Every (source, target) that the table allows, once, in table order."""
        return list(dict.fromkeys((move.source, move.target) for move in self.moves))

    def states(self) -> list[str]:
        """Every state, in the order in which the table first names it."""
        named: Iterable[str] = (s for move in self.moves for s in (move.source, move.target))
        return list(dict.fromkeys([self.initial, *named]))

    def to_mermaid(self) -> str:
        """The table as a Mermaid state diagram."""
        lines = ["stateDiagram-v2", f"    [*] --> {self.initial}"]
        lines += [f"    {move.source} --> {move.target}: {move.verb}" for move in self.moves]
        return "\n".join(lines)
