"""Groups of records that hang together by likeness, so that no two of them stand on two sides."""

from collections.abc import Iterable

STRICTEST = ("held_out", "test", "validation", "train")
"""Where alike groups stand on several sides, all go to the first of these: nothing leaks into training."""


def homes(alike: Iterable[tuple[str, str]]) -> dict[str, str]:
    """{group: the smallest name in its cluster} of every group that is like another one."""
    home: dict[str, str] = {}

    def root(key: str) -> str:
        home.setdefault(key, key)
        while home[key] != key:
            home[key] = home[home[key]]
            key = home[key]
        return key

    for one, other in alike:
        first, second = sorted((root(one), root(other)))
        home[second] = first
    return {key: root(key) for key in list(home)}


def strictest(sides: Iterable[str]) -> str:
    """The side on which a cluster stands whose members stood on several."""
    return min(sides, key=STRICTEST.index)
