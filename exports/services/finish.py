"""Put a release together once all its shards are built: files, papers, manifest, signature."""

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa
from django.db import transaction
from django.db.models import Case, IntegerField, Value, When

from annotation import attachments as kept
from experts.models import User
from exports import assembly, diffs, lines, queries, signing, store
from exports.assembly import Assembled, BuiltShard
from exports.enums import ReleaseState
from exports.errors import BuildStopped
from exports.keys import signing_key
from exports.models import Release, ReleaseFile, Shard
from exports.papers.card import card
from exports.papers.changelog import changelog
from exports.papers.croissant import croissant
from exports.papers.datasheet import datasheet
from exports.papers.facts import Facts, FileFact
from exports.papers.licence import licence
from exports.records import SCHEMA_BYTES, SCHEMA_VERSION, SPLITS
from exports.services.move import lock_release, move_release
from exports.services.snapshot import EXPORTER


def finish_release(*, release: Release, actor: User | None = None) -> Release:
    """Write the release's list of files and make it ready; all at once or not at all."""
    files = list(assemble(release))
    with transaction.atomic():
        locked = lock_release(release.pk)
        if locked.state != ReleaseState.BUILDING:
            raise BuildStopped
        locked.files.all().delete()
        ReleaseFile.objects.bulk_create(_row(locked, file) for file in files)
        manifest = next(file for file in files if file.fact.path == "manifest.json")
        changes = {
            "manifest_sha256": manifest.fact.sha256,
            "signature": b"".join(store.read(files[-1].chunks)).decode(),
            "shards_done": locked.shards_total,
            "problem": "",
        }
        return move_release(release=locked, verb="finish", actor=actor, changes=changes)


def assemble(release: Release) -> Iterator[Assembled]:
    """Every file of the release, manifest and signature last."""
    shards = built(release)
    facts = Facts(release.snapshot)
    files = [*assembly.data_files(shards, facts.shape)]
    files += assembly.format_files(shards, release.dataset.slug)
    files += attachments(release)
    report = assembly.report(shards)
    facts = Facts(release.snapshot, tuple(file.fact for file in files), report)
    files += papers(facts, report)
    files.append(assembly.streamed("changes.jsonl", diffs.entries(release.previous, release)))
    yield from files
    content = manifest(release, [file.fact for file in files])
    yield assembly.small("manifest.json", content)
    yield assembly.small("manifest.sig", signing.signature_file(content, signing_key()))


def papers(facts: Facts, report: dict[str, Any]) -> list[Assembled]:
    """The files that tell about the data."""
    return [
        assembly.small("README.md", card(facts)),
        assembly.small("record.schema.json", SCHEMA_BYTES),
        assembly.small("croissant.json", lines.document(croissant(facts))),
        assembly.small("DATASHEET.md", datasheet(facts)),
        assembly.small("CHANGELOG.md", changelog(facts)),
        assembly.small("LICENSE.md", licence(facts)),
        assembly.small("formats/report.json", lines.document(report)),
    ]


def attachments(release: Release) -> Iterator[Assembled]:
    """attachments/<sha256>: each file that some record refers to, once."""
    for sha256 in queries.attachment_digests(release):
        if not store.holds(sha256) and not _fetched(sha256):
            raise BuildStopped(
                f"The attachment {sha256} of a record is not in the store.",
                advice="Import the attachment again, or withdraw the record that refers to it.",
            )
        yield assembly.stored(f"attachments/{sha256}", sha256)


def _fetched(sha256: str) -> bool:
    """Copy an attachment from where pages show it to where releases are kept; False when it is nowhere."""
    if not kept.holds(sha256):
        return False
    with kept.open_kept(sha256) as source, store.workspace() as folder:
        draft = folder / sha256
        digest = hashlib.sha256()
        with draft.open("wb") as target:
            while block := source.read(store.BLOCK):
                digest.update(block)
                target.write(block)
        if digest.hexdigest() != sha256:
            raise BuildStopped(
                f"The attachment {sha256} is damaged in the storage.",
                advice="Import it again from the original file.",
            )
        store.put_file(draft, sha256)
    return True


def built(release: Release) -> list[BuiltShard]:
    """The release's shards in file order; raises BuildStopped when one is missing."""
    order = Case(
        *[When(split=split, then=Value(place)) for place, split in enumerate(SPLITS)],
        output_field=IntegerField(),
    )
    placed = release.shards.order_by(order, "number").values_list("split", "key")
    found = {
        shard.key: shard for shard in Shard.objects.filter(key__in=release.shards.values("key"))
    }
    missing = [key for _, key in placed if key not in found]
    if missing:
        raise BuildStopped(f"{len(missing)} shards are not built yet.")
    return [BuiltShard(split, found[key].parts, found[key].counts) for split, key in placed]


def manifest(release: Release, files: Sequence[FileFact]) -> bytes:
    """manifest.json: every other file with digest, bytes, records and schema."""
    told = release.snapshot
    return lines.document(
        {
            "manifest_version": 1,
            "dataset": told["dataset"],
            "version": told["version"],
            "previous": told["previous"],
            "cut_on": told["cut_on"],
            "records": told["records"],
            "splits": told["splits"],
            "selection": told["selection"],
            "mixture": told["mixture"],
            "record_schema": SCHEMA_VERSION,
            "exporter": {**EXPORTER, "parquet_writer": f"pyarrow {pa.__version__}"},
            "files": [fact.as_dict() for fact in sorted(files, key=lambda fact: fact.path)],
        }
    )


def _row(release: Release, file: Assembled) -> ReleaseFile:
    fact = file.fact
    return ReleaseFile(
        release=release,
        path=fact.path,
        sha256=fact.sha256,
        crc32=file.crc32,
        bytes=fact.bytes,
        records=fact.records,
        rows=fact.rows,
        split=fact.split,
        schema=fact.schema,
        chunks=file.chunks,
    )
