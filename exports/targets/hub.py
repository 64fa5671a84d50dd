"""A dataset repository on a hub, by huggingface_hub: one commit and one tag a release."""

import re
from pathlib import Path
from typing import Any

import orjson
from django.conf import settings

from exports.targets.errors import BadDestination, DeliveryFailed
from lib.errors import Conflict

_REPOSITORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*/[A-Za-z0-9][A-Za-z0-9._-]*\Z")


def configured() -> bool:
    """Whether the installation has a token."""
    return bool(settings.RELEASE_HUB.get("token"))


def send(release: Path, destination: str) -> int:
    """Upload the directory as one commit; the hub keeps what it has by digest."""
    if not _REPOSITORY.match(destination):
        raise BadDestination("Name the repository as owner/name.")
    try:
        from huggingface_hub import HfApi  # noqa: PLC0415  (optional dependency)
        from huggingface_hub.errors import HfHubHTTPError  # noqa: PLC0415  (optional dependency)
    except ImportError:
        raise Conflict("This needs huggingface_hub.", advice="Install the extra “model”.") from None
    api: Any = HfApi(**settings.RELEASE_HUB)
    version = orjson.loads((release / "manifest.json").read_bytes())["version"]
    try:
        api.create_repo(destination, repo_type="dataset", private=True, exist_ok=True)
        api.upload_folder(
            repo_id=destination,
            repo_type="dataset",
            folder_path=str(release),
            commit_message=f"Release {version}",
            delete_patterns="*",
        )
        api.create_tag(destination, tag=version, repo_type="dataset", exist_ok=True)
    except (HfHubHTTPError, OSError) as error:
        raise DeliveryFailed(f"The hub did not take the release: {error}") from error
    return sum(path.is_file() for path in release.rglob("*"))
