"""A folder below RELEASE_DIRECTORY."""

import re
import shutil
from pathlib import Path

from django.conf import settings

from exports.errors import TargetTaken
from exports.targets.errors import BadDestination

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}\Z")


def send(release: Path, destination: str) -> int:
    """Copy the release to a folder of that name: whole or not at all."""
    if not _NAME.match(destination) or ".." in destination:
        raise BadDestination(
            f"“{destination}” is not a folder name.", advice="Use letters, digits, dashes and dots."
        )
    target = Path(settings.RELEASE_DIRECTORY) / destination
    if target.exists():
        if (target / "manifest.json").is_file() and _same(target, release):
            return 0
        raise TargetTaken(
            f"The folder {destination} exists already.", advice="Choose another name."
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f".{destination}.draft")
    shutil.rmtree(draft, ignore_errors=True)
    try:
        shutil.copytree(release, draft)
        draft.replace(target)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return sum(path.is_file() for path in target.rglob("*"))


def _same(target: Path, release: Path) -> bool:
    return (target / "manifest.json").read_bytes() == (release / "manifest.json").read_bytes()
