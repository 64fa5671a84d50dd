"""Which side a group of records goes to: by hash where there are many, balanced where few.

Groups, never records, are assigned, so that no source document and no instruction stands on two
sides. With few groups a hash strays far from the wanted shares (standard deviation 0.07 at 30 groups
for a tenth), so below FEW_GROUPS each stratum fills the side that lacks most.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

FEW_GROUPS = 300
SIDES = ("train", "validation", "test", "held_out")


@dataclass(frozen=True)
class Group:
    """What is assigned as one: `stratum` is what small data sets balance by."""

    key: str
    stratum: str
    records: int
    evaluation_only: bool = False


def position(salt: str, key: str) -> float:
    """Where a group stands between 0 and 1: the first 64 bits of SHA-256 over salt and key."""
    digest = hashlib.sha256(f"{salt}\x1f{key}".encode()).digest()
    return int.from_bytes(digest[:8]) / 2**64


def by_hash(
    groups: Iterable[Group], shares: Mapping[str, float], salt: str
) -> Iterator[tuple[str, str]]:
    """(key, side) of each group, each on its own: stable when others come and go.

    Sides are laid out from the top with test last but one, so that a larger test part takes from
    train and leaves the rest where it is.
    """
    held_out = 1 - shares.get("held_out", 0)
    test = held_out - shares.get("test", 0)
    validation = test - shares.get("validation", 0)
    for group in groups:
        at = position(salt, group.key)
        if at >= held_out:
            yield group.key, "held_out"
        elif group.evaluation_only or at >= test:
            yield group.key, "test"
        else:
            yield group.key, "validation" if at >= validation else "train"


def balanced(
    groups: Iterable[Group],
    shares: Mapping[str, float],
    salt: str,
    held: Mapping[tuple[str, str], int] | None = None,
) -> Iterator[tuple[str, str]]:
    """(key, side) of each group so that every stratum comes close to the shares.

    `held` counts the records that stand already, by (stratum, side). Within a stratum, groups come in
    hash order, and each goes to the side that lacks most of its share.
    """
    counts: Counter[tuple[str, str]] = Counter(held or {})
    overall: Counter[str] = Counter()
    for (_, side), number in counts.items():
        overall[side] += number
    for group in sorted(groups, key=lambda g: (g.stratum, position(salt, g.key))):
        side = "test" if group.evaluation_only else _neediest(group, counts, overall, shares)
        counts[group.stratum, side] += group.records
        overall[side] += group.records
        yield group.key, side


def _neediest(
    group: Group,
    counts: Counter[tuple[str, str]],
    overall: Counter[str],
    shares: Mapping[str, float],
) -> str:
    wanted = [side for side in SIDES if shares.get(side, 0) > 0]
    total = sum(counts[group.stratum, side] for side in SIDES) + group.records
    everything = sum(overall.values()) + group.records

    def lack(side: str) -> tuple[float, float]:
        within = shares[side] * total - counts[group.stratum, side]
        return (within / shares[side], shares[side] * everything - overall[side])

    # A side that is still empty everywhere comes first once there is enough to give it something.
    empty = [side for side in wanted if not overall[side] and shares[side] * everything >= 0.5]
    return max(empty or wanted, key=lack)
