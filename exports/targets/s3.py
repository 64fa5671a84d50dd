"""An S3-compatible store: objects below bucket/prefix, the manifest last."""

import hashlib
from pathlib import Path
from typing import Any

import boto3
from boto3.exceptions import Boto3Error
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings

from exports.targets.errors import BadDestination, DeliveryFailed

_LAST = ("manifest.json", "manifest.sig")
# A store that fails half the time is asked up to twelve times for each object.
_PATIENT = Config(
    retries={"max_attempts": 12, "mode": "standard"}, connect_timeout=5, read_timeout=30
)


def configured() -> bool:
    """Whether the installation names a store."""
    return bool(settings.RELEASE_S3.get("endpoint_url") or settings.RELEASE_S3.get("region_name"))


def send(release: Path, destination: str) -> int:
    """Upload what is missing or differs; `destination` is bucket/prefix."""
    bucket, _, prefix = destination.strip("/").partition("/")
    if not bucket or ".." in prefix.split("/"):
        raise BadDestination("Name a bucket and a prefix, like releases/demo-1.0.0.")
    client: Any = boto3.client("s3", config=_PATIENT, **settings.RELEASE_S3)
    sent = 0
    try:
        for path in _in_order(release):
            key = "/".join(filter(None, [prefix, path.relative_to(release).as_posix()]))
            sent += _send_one(client, bucket, key, path)
    except (Boto3Error, BotoCoreError, ClientError) as error:
        raise DeliveryFailed(f"The store did not take the release: {error}") from error
    return sent


def _in_order(release: Path) -> list[Path]:
    files = [path for path in sorted(release.rglob("*")) if path.is_file()]
    return sorted(files, key=lambda path: _LAST.index(path.name) if path.name in _LAST else -1)


def _send_one(client: Any, bucket: str, key: str, path: Path) -> bool:
    with path.open("rb") as source:
        sha256 = hashlib.file_digest(source, "sha256").hexdigest()
    try:
        head = client.head_object(Bucket=bucket, Key=key)
        if (
            head["Metadata"].get("sha256") == sha256
            and head["ContentLength"] == path.stat().st_size
        ):
            return False
    except ClientError as error:
        if error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") != 404:
            raise
    client.upload_file(str(path), bucket, key, ExtraArgs={"Metadata": {"sha256": sha256}})
    return True
