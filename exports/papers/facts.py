"""The facts that papers tell, in one typed bundle: read from a release's snapshot, nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from exports.parquet import Shape
from exports.records import SPLITS

HUB_LICENCES = frozenset(
    [
        "apache-2.0",
        "mit",
        "cc0-1.0",
        "cc-by-2.0",
        "cc-by-3.0",
        "cc-by-4.0",
        "cc-by-sa-3.0",
        "cc-by-sa-4.0",
        "cc-by-nc-2.0",
        "cc-by-nc-3.0",
        "cc-by-nc-4.0",
        "cc-by-nd-4.0",
        "cc-by-nc-nd-3.0",
        "cc-by-nc-nd-4.0",
        "cc-by-nc-sa-3.0",
        "cc-by-nc-sa-4.0",
        "odc-by",
        "odbl",
        "pddl",
        "cdla-permissive-1.0",
        "cdla-permissive-2.0",
        "cdla-sharing-1.0",
        "bsd-3-clause",
        "gpl-3.0",
        "unknown",
        "other",
    ]
)


@dataclass(frozen=True)
class FileFact:
    """One file of the release as the manifest tells it."""

    path: str
    sha256: str
    bytes: int
    records: int | None = None
    rows: int | None = None
    split: str = ""
    schema: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Plain data; what does not apply is absent."""
        shown: dict[str, Any] = {"path": self.path, "sha256": self.sha256, "bytes": self.bytes}
        if self.records is not None:
            shown |= {"records": self.records, "rows": self.rows}
        return shown | {k: v for k, v in (("split", self.split), ("schema", self.schema)) if v}


@dataclass(frozen=True)
class Facts:
    """What every paper of one release may tell."""

    snapshot: Mapping[str, Any]
    files: tuple[FileFact, ...] = ()
    report: Mapping[str, Any] | None = None

    def __getitem__(self, name: str) -> Any:
        return self.snapshot[name]

    @property
    def shape(self) -> Shape:
        """What the records use."""
        return Shape(**self.snapshot["shape"])

    @property
    def licence_id(self) -> str:
        """The licence as the hub names it, `other` for one it does not know."""
        licence = str(self.snapshot["licence"]).lower()
        return licence if licence in HUB_LICENCES else "other"

    @property
    def splits(self) -> dict[str, int]:
        """Records of each split that holds any, in the order train, validation, test."""
        counts = self.snapshot["splits"]
        return {split: counts[split] for split in SPLITS if counts.get(split)}

    def slices(self, axis: str) -> dict[str, int]:
        """Records by the values of one axis, values in order."""
        return dict(sorted(self.snapshot["slices"][axis].items()))

    def in_folder(self, folder: str) -> list[FileFact]:
        """The release's files below one folder, in order."""
        return [file for file in self.files if file.path.startswith(f"{folder}/")]
