"""Duplicates within one file, without holding its texts in memory.

First pass: every row's texts go to a spool on disk and their sketches into arrays. Then equal
hashes are brought together by sorting. Second pass: for each row, the few earlier rows that share
a hash are read back from the spool as neighbours.
"""

from __future__ import annotations

import array
import tempfile
from collections.abc import Iterator
from types import TracebackType
from typing import IO, Any, Self

import numpy as np
import orjson
from numpy.typing import NDArray

from checks.similarity import SHORT_ANSWER
from checks.sketch import Sketch, sketch
from checks.types import Neighbour

_MOST_CANDIDATES = 30
# Of the rows that share one hash, a row is held against the first ones and its latest before it.
_LATEST = 8
_FIRST = 3
_LEAST_RUNS = 2

Numbers = NDArray[np.int64]


class Spool:
    """Texts of the rows on disk, read back by row number (from 0)."""

    def __init__(self) -> None:
        self._file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed by __exit__
        self._starts = array.array("q")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def __len__(self) -> int:
        return len(self._starts)

    def append(self, value: Any) -> None:
        self._starts.append(self._file.seek(0, 2))
        data = orjson.dumps(value)
        self._file.write(len(data).to_bytes(8, "big") + data)

    def __getitem__(self, row: int) -> Any:
        self._file.seek(self._starts[row])
        size = int.from_bytes(self._file.read(8), "big")
        return orjson.loads(self._file.read(size))


class Likely:
    """Which earlier rows each row may be the same as, by one kind of hash."""

    def __init__(self, least: int = 1) -> None:
        self._hashes = array.array("q")
        self._rows = array.array("q")
        self._least = least
        self._later: Numbers = np.empty(0, dtype=np.int64)
        self._earlier: Numbers = np.empty(0, dtype=np.int64)

    def add(self, row: int, hashes: tuple[int, ...]) -> None:
        self._hashes.extend(hashes)
        self._rows.extend([row] * len(hashes))

    def settle(self) -> None:
        """Bring equal hashes together; after this no row can be added."""
        hashes = np.frombuffer(self._hashes, dtype=np.int64) if self._hashes else self._later
        rows = np.frombuffer(self._rows, dtype=np.int64) if self._rows else self._later
        order = np.lexsort((rows, hashes))
        hashes, rows = hashes[order], rows[order]
        pairs = _pairs(hashes, rows)
        size = int(rows.max()) + 1 if len(rows) else 1
        coded, shared = np.unique(pairs[0] * size + pairs[1], return_counts=True)
        coded, shared = coded[shared >= self._least], shared[shared >= self._least]
        later, earlier = coded // size, coded % size
        best = np.lexsort((earlier, -shared, later))
        self._later, self._earlier = later[best], earlier[best]
        self._hashes = self._rows = array.array("q")

    def before(self, row: int) -> list[int]:
        """Earlier rows that share most with this one."""
        low, high = np.searchsorted(self._later, [row, row + 1])
        return [int(n) for n in self._earlier[low : min(high, low + _MOST_CANDIDATES)]]


def _pairs(hashes: Numbers, rows: Numbers) -> tuple[Numbers, Numbers]:
    """(later, earlier) rows that share a hash; rows ascend within equal hashes."""
    if not len(hashes):
        return rows, rows
    starts = np.concatenate(([0], np.flatnonzero(hashes[1:] != hashes[:-1]) + 1))
    first = np.repeat(starts, np.diff(np.concatenate((starts, [len(hashes)]))))
    place = np.arange(len(hashes))
    later, earlier = [], []
    for back in range(1, _LATEST + 1):
        ours = place[place - back >= first]
        later.append(rows[ours])
        earlier.append(rows[ours - back])
    for ahead in range(_FIRST):
        ours = place[place - _LATEST > first + ahead]
        later.append(rows[ours])
        earlier.append(rows[first[ours] + ahead])
    return np.concatenate(later), np.concatenate(earlier)


class Index:
    """The rows of one file, searchable for those that repeat an earlier one."""

    def __init__(self, spool: Spool) -> None:
        self._spool = spool
        self._responses = Likely()
        self._questions = Likely()
        self._passages = Likely(_LEAST_RUNS)
        # Later rows that carry the id of an earlier one.
        self._ids: set[str] = set()
        self._again: set[int] = set()

    def add(self, row: int, question: str, response: str, own_id: str = "") -> None:
        if own_id in self._ids:
            self._again.add(row)
        elif own_id:
            self._ids.add(own_id)
        answered, asked = sketch(response), sketch(question)
        if answered.words >= SHORT_ANSWER:
            self._responses.add(row, answered.bands)
            self._passages.add(row, answered.winnowed)
        if asked.tokens:
            self._questions.add(row, asked.bands)

    def settle(self) -> None:
        for kind in (self._responses, self._questions, self._passages):
            kind.settle()

    def neighbours(self, row: int, question: str, response: str) -> tuple[Neighbour, ...]:
        """Both halves of every earlier row that may be the same as this one."""
        rows = {
            earlier: None
            for kind in (self._responses, self._questions, self._passages)
            for earlier in kind.before(row)
        }
        asked, answered = sketch(question), sketch(response)
        return tuple(
            neighbour
            for earlier in sorted(rows)
            for neighbour in self._halves(earlier, asked, answered)
        )

    def _halves(self, row: int, asked: Sketch, answered: Sketch) -> Iterator[Neighbour]:
        known = self._spool[row]
        label = f"row {row + 1}"
        ref = known["id"] or str(row + 1)
        if row in self._again:
            ref = f"{ref}#{row + 1}"
        if known["response"]:
            equal = sketch(known["response"]).digest == answered.digest
            yield Neighbour(ref, "response", known["response"], equal, label)
        if known["question"]:
            equal = sketch(known["question"]).digest == asked.digest
            yield Neighbour(ref, "instruction", known["question"], equal, label)
