"""Whether a release directory is exactly what its publisher signed. Needs the directory and a key.

Every failure is one plain sentence; none is hidden by another, except that nothing is compared
against a manifest whose signature does not hold.
"""

import hashlib
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from exports import records, signing

MANIFEST, SIGNATURE = "manifest.json", "manifest.sig"
_BLOCK = 1 << 20


@dataclass
class Verdict:
    """What was found: `faults` is empty when every byte and count holds."""

    faults: list[str] = field(default_factory=list)
    files: int = 0
    bytes: int = 0
    records: int = 0


def verify(directory: Path, key: Ed25519PublicKey, *, contents: bool = False) -> Verdict:
    """Check signature, file list, bytes, digests and counts; `contents` also reads every record."""
    verdict = Verdict()
    manifest = _trusted_manifest(directory, key, verdict)
    if manifest is None:
        return verdict
    try:
        _check_files(directory, manifest, verdict)
        _check_counts(directory, manifest, verdict)
    except (KeyError, TypeError, ValueError) as error:
        verdict.faults.append(f"manifest.json does not have the expected shape ({error}).")
    if contents and not verdict.faults:
        verdict.faults += _content_faults(directory, manifest)
    return verdict


def _trusted_manifest(
    directory: Path, key: Ed25519PublicKey, verdict: Verdict
) -> dict[str, Any] | None:
    if not directory.is_dir():
        verdict.faults.append(f"{directory} is not a directory.")
        return None
    missing = [name for name in (MANIFEST, SIGNATURE) if not _plain_file(directory / name)]
    if missing:
        verdict.faults += [f"{name} is missing." for name in missing]
        return None
    manifest = (directory / MANIFEST).read_bytes()
    reason = signing.holds((directory / SIGNATURE).read_bytes(), manifest, key)
    if reason:
        verdict.faults.append(reason)
        return None
    try:
        told = orjson.loads(manifest)
    except orjson.JSONDecodeError:
        told = None
    if not isinstance(told, dict) or not isinstance(told.get("files"), list):
        verdict.faults.append("manifest.json is not a manifest.")
        return None
    return told


def _plain_file(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()


def _check_files(directory: Path, manifest: dict[str, Any], verdict: Verdict) -> None:
    listed = {entry["path"]: entry for entry in manifest["files"]}
    if len(listed) != len(manifest["files"]):
        verdict.faults.append("manifest.json lists a file twice.")
    present = set(_walk(directory, verdict)) - {MANIFEST, SIGNATURE}
    verdict.faults += [f"{path} is not in the manifest." for path in sorted(present - set(listed))]
    for path, entry in sorted(listed.items()):
        if _escapes(path):
            verdict.faults.append(f"manifest.json names a path outside the directory: {path}.")
        elif path not in present:
            verdict.faults.append(f"{path} is missing.")
        else:
            _check_file(directory / path, entry, verdict)


def _walk(directory: Path, verdict: Verdict) -> Iterator[str]:
    for folder, folders, names in os.walk(directory):
        for name in [*names, *folders]:
            path = Path(folder) / name
            shown = path.relative_to(directory).as_posix()
            if path.is_symlink():
                verdict.faults.append(f"{shown} is a link, not a file of its own.")
            elif name in folders and not any(path.iterdir()):
                verdict.faults.append(
                    f"{shown} is an empty folder that is not part of the release."
                )
            elif path.is_file():
                yield shown


def _escapes(path: str) -> bool:
    pure = PurePosixPath(path)
    return pure.is_absolute() or ".." in pure.parts or str(pure) != path


def _check_file(path: Path, entry: dict[str, Any], verdict: Verdict) -> None:
    size = path.stat().st_size
    verdict.files += 1
    verdict.bytes += size
    if size != entry["bytes"]:
        verdict.faults.append(
            f"{entry['path']} has {size} bytes; the manifest says {entry['bytes']}."
        )
        return
    digest, newlines = _read_through(path)
    if digest != entry["sha256"]:
        verdict.faults.append(f"{entry['path']} was changed: its SHA-256 is not the manifest's.")
        return
    rows = _rows(path, newlines)
    if rows is not None and rows != entry["rows"]:
        verdict.faults.append(
            f"{entry['path']} has {rows} rows; the manifest says {entry['rows']}."
        )


def _read_through(path: Path) -> tuple[str, int]:
    digest, newlines = hashlib.sha256(), 0
    counted = path.suffix == ".jsonl"
    with path.open("rb", buffering=0) as source:
        while block := source.read(_BLOCK):
            digest.update(block)
            newlines += block.count(b"\n") if counted else 0
    return digest.hexdigest(), newlines


def _rows(path: Path, newlines: int) -> int | None:
    if path.suffix == ".jsonl":
        return newlines
    if path.suffix == ".parquet":
        try:
            return int(pq.read_metadata(path).num_rows)
        except pa.ArrowInvalid:
            return -1
    return None


def _check_counts(directory: Path, manifest: dict[str, Any], verdict: Verdict) -> None:
    """Totals of the manifest against its files, and against the report of formats."""
    held: Counter[tuple[str, str]] = Counter()
    for entry in manifest["files"]:
        if "split" in entry:
            held[entry["path"].split("/")[0], entry["split"]] += entry["records"]
    for split, number in manifest["splits"].items():
        for folder in ("records", "data", "objects"):
            if held[folder, split] != number:
                verdict.faults.append(
                    f"{folder}/ holds {held[folder, split]} records of split {split}; "
                    f"the manifest says {number}."
                )
    verdict.records = sum(manifest["splits"].values())
    if verdict.records != manifest["records"]:
        verdict.faults.append("The splits do not add up to the manifest's number of records.")
    report = directory / "formats/report.json"
    if _plain_file(report):
        verdict.faults += _report_faults(report, manifest)


def _report_faults(path: Path, manifest: dict[str, Any]) -> Iterator[str]:
    try:
        report = orjson.loads(path.read_bytes())
    except orjson.JSONDecodeError:
        yield "formats/report.json is not JSON."
        return
    written = {entry["path"]: entry for entry in manifest["files"]}
    for slug, told in report["formats"].items():
        for split, count in told["splits"].items():
            total = count["records"] + sum(count["left_out"].values())
            if total != manifest["splits"].get(split, 0):
                yield (
                    f"formats/report.json accounts for {total} records of {split} in {slug}; "
                    f"the release has {manifest['splits'].get(split, 0)}."
                )
            file = f"formats/{slug}/{split}.{told['suffix']}"
            there = written.get(file, {"records": 0})["records"]
            if there != count["records"]:
                yield f"{file} holds {there} records; formats/report.json says {count['records']}."


def _content_faults(directory: Path, manifest: dict[str, Any]) -> Iterator[str]:
    seen: set[str] = set()
    for entry in manifest["files"]:
        if not entry["path"].startswith("records/"):
            continue
        with (directory / entry["path"]).open("rb") as source:
            for number, text in enumerate(source, 1):
                data = orjson.loads(text)
                where = f"{entry['path']} line {number}"
                yield from (f"{where}: {reason}." for reason in records.faults(data))
                if data["training"]["split"] != entry["split"]:
                    yield f"{where}: the record says it belongs to another split."
                if data["record_id"] in seen:
                    yield f"{where}: record {data['record_id']} stands in the release twice."
                seen.add(data["record_id"])
