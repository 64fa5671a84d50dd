"""Write a release into a directory: whole or not at all."""

import hashlib
import os
import shutil
from pathlib import Path
from typing import Any

from exports import store
from exports.assembly import Assembled
from exports.errors import RebuildDiffers, TargetTaken
from exports.models import Release
from exports.services.build_shard import build_shard
from exports.services.finish import assemble


def write_directory(*, release: Release, target: Path) -> Path:
    """Write every file of a built release below `target`, which must be new or empty.

    Files go to a folder beside it first and are renamed at the end. Bytes are checked against the
    release's digests on the way; raises RebuildDiffers when they are not the same.
    """
    draft = _draft_beside(target)
    try:
        for file in release.files.all():
            _write(draft, file.path, file.chunks, file.sha256)
        if target.exists():
            target.rmdir()
        draft.replace(target)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return target


def rebuild_directory(*, release: Release, target: Path) -> Path:
    """Build a release again from its pinned records and write it below `target`.

    Nothing of the first build is taken over but its snapshot and its signature; every file must come
    out with the published digest, else RebuildDiffers names the first that does not.
    """
    for shard in release.shards.order_by("split", "number"):
        build_shard(release=release, shard=shard, again=True)
    if release.signature:
        store.put_bytes(release.signature.encode())
    published = {file.path: file.sha256 for file in release.files.all()}
    for made in assemble(release):
        _require_same(made, published)
    return write_directory(release=release, target=target)


def _require_same(made: Assembled, published: dict[str, str]) -> None:
    path = made.fact.path
    # The signature is the publisher's: another key signs otherwise, and the stored one is delivered.
    if path != "manifest.sig" and published.get(path) != made.fact.sha256:
        raise RebuildDiffers(f"{path} came out differently from the published release.", path=path)


def _draft_beside(target: Path) -> Path:
    if target.is_symlink() or (target.exists() and not target.is_dir()):
        raise TargetTaken(f"{target} is not a directory.")
    if target.exists() and any(target.iterdir()):
        raise TargetTaken(f"{target} exists and is not empty.")
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f".{target.name}.{os.getpid()}.draft")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir()
    return draft


def _write(draft: Path, path: str, chunks: list[list[Any]], sha256: str) -> None:
    place = draft / path
    place.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with place.open("wb") as sink:
        for block in store.read(chunks):
            digest.update(block)
            sink.write(block)
    if digest.hexdigest() != sha256:
        raise RebuildDiffers(
            f"{path} in the store is damaged: its digest is not the one in the manifest.",
            advice="Restore the store from a backup, or rebuild the release from its records.",
        )
