"""Where a release can be sent: one store a file, each a repeatable step."""

from collections.abc import Callable
from pathlib import Path

from exports.targets import directory, hub, s3

Send = Callable[[Path, str], int]
"""(release directory, destination) → files sent; what is there already is not sent again."""

TARGETS: dict[str, Send] = {"directory": directory.send, "s3": s3.send, "hub": hub.send}


def available() -> list[str]:
    """Kinds that this installation has settings for."""
    kinds = {"directory": True, "s3": s3.configured(), "hub": hub.configured()}
    return [kind for kind, there in kinds.items() if there]
