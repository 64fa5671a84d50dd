"""The files that rows name (images, PDFs): from a folder, or from a ZIP that came with the rows.

A name is a path inside that folder or archive; it can never lead out of it.
"""

import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, Protocol

from annotation.attachments import LARGEST, AttachmentRefused
from annotation.importing.rows import FileRefused, RowRefused, excerpt

MOST_FILES = 50_000
LARGEST_DIRECTORY = 16 << 20  # bytes of the list of names at the end of a ZIP
LARGEST_RATIO = 200  # how far one file may unpack; images and PDFs are packed already
MOST_A_ROW = 20
ENDINGS = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".pdf")

Facts = dict[str, Any]


class Source(Protocol):
    """Where the named files are."""

    def read(self, name: str) -> bytes: ...


class Folder:
    """A folder on this machine."""

    def __init__(self, root: Path) -> None:
        if not root.is_dir():
            raise FileRefused(f"{root} is no folder.", advice="Name the folder with the files.")
        self.root = root.resolve()

    def read(self, name: str) -> bytes:
        """The bytes, at most one more than may be attached; raises AttachmentRefused."""
        try:
            path = (self.root / name).resolve(strict=True)
            if not path.is_relative_to(self.root):
                raise AttachmentRefused("This name leads out of the folder with the files.")
            with path.open("rb") as file:
                return file.read(LARGEST + 1)
        except OSError as problem:
            raise AttachmentRefused(
                "There is no such file in the folder with the files."
            ) from problem


class Archive:
    """A ZIP. Nothing is unpacked to disk, and never more of a file than may be attached."""

    def __init__(self, raw: BinaryIO) -> None:
        _require_small_directory(raw)
        try:
            self.zip = zipfile.ZipFile(raw)
        except (zipfile.BadZipFile, ValueError, OSError, EOFError) as broken:
            raise FileRefused("The ZIP is damaged.", advice="Pack the files again.") from broken
        inside = [one for one in self.zip.infolist() if not one.is_dir()]
        inside = [one for one in inside if not one.filename.startswith("__MACOSX/")]
        if len(inside) > MOST_FILES:
            raise FileRefused(
                f"The ZIP holds {len(inside):,} files; {MOST_FILES:,} can be read.",
                advice="Import the rows in several parts.",
            )
        self.inside = {one.filename: one for one in inside}
        tops = {one.filename.partition("/")[0] for one in inside}
        self.top = f"{tops.pop()}/" if len(tops) == 1 else ""

    def read(self, name: str) -> bytes:
        """The bytes, at most one more than may be attached; raises AttachmentRefused."""
        found = self.inside.get(name) or self.inside.get(self.top + name)
        if found is None:
            raise AttachmentRefused("There is no such file in the ZIP.")
        if found.flag_bits & 1:
            raise AttachmentRefused("This file in the ZIP is locked with a password.")
        if found.file_size > LARGEST or found.file_size > LARGEST_RATIO * max(
            found.compress_size, 1024
        ):
            raise AttachmentRefused("This file unpacks to more than can be attached.")
        try:
            with self.zip.open(found) as file:
                return file.read(LARGEST + 1)
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, zlib.error, EOFError) as broken:  # fmt: skip
            raise AttachmentRefused("This file in the ZIP is damaged.") from broken


class Files:
    """Turns what a row names into the facts of files. `take` is told of each file once: it keeps the bytes,
    or only looks at them, and returns {"sha256", "mime", "bytes"}."""

    def __init__(self, source: Source, take: Callable[[bytes], Facts]) -> None:
        self.source, self.take = source, take
        self.known: dict[str, Facts] = {}

    def facts(self, name: str) -> Facts:
        """The facts of one named file; raises RowRefused with what is wrong with it."""
        inside = _inside(name)
        if inside not in self.known:
            try:
                self.known[inside] = self.take(self.source.read(inside))
            except AttachmentRefused as refused:
                raise RowRefused("attachments", refused.message, name) from refused
        return self.known[inside]


def attachments_of(value: Any, files: Files | None) -> list[Facts]:
    """What a row names, as `Instruction.attachments` has it: a path, a list of paths, or objects with a path
    and a `description` for those who cannot see the image."""
    named = [_named(part) for part in (value if isinstance(value, list) else [value])]
    if len(named) > MOST_A_ROW:
        raise RowRefused("attachments", f"{MOST_A_ROW} files can belong to an instruction.")
    if files is None:
        raise RowRefused(
            "attachments",
            "This row names a file, but no files came with the rows. Send them along: a ZIP on the page, "
            "--attachments FOLDER in the command.",
            named[0][0],
        )
    found: dict[str, Facts] = {}
    for name, description in named:
        facts = files.facts(name) | {"name": PurePosixPath(name).name[:200]}
        found.setdefault(
            facts["sha256"], facts | ({"description": description} if description else {})
        )
    return list(found.values())


def names_files(sample: Any) -> bool:
    """Whether a value looks like the path of an image or PDF, or a list of such."""
    parts = sample if isinstance(sample, list) else [sample]
    try:
        names = [_named(part)[0].lower() for part in parts]
    except RowRefused:
        return False
    return bool(names) and all(name.endswith(ENDINGS) for name in names)


def _named(part: Any) -> tuple[str, str]:
    if isinstance(part, str) and part.strip():
        return part.strip(), ""
    if isinstance(part, dict):
        names = (part.get(key) for key in ("path", "file", "file_name", "filename", "name"))
        words = (part.get(key) for key in ("description", "alt", "caption", "title"))
        name = next((one for one in names if isinstance(one, str) and one.strip()), "")
        if name:
            said = next((one for one in words if isinstance(one, str) and one.strip()), "")
            return name.strip(), said.strip()[:2000]
    raise RowRefused("attachments", "The path of a file is expected here.", excerpt(part))


def _inside(name: str) -> str:
    """The path with plain slashes; raises RowRefused for one that is no path inside a folder."""
    path = PurePosixPath(name.replace("\\", "/"))
    parts = path.parts
    outside = path.is_absolute() or ".." in parts or not parts or ":" in parts[0]
    if outside or "\x00" in name or len(name) > 1000:
        raise RowRefused(
            "attachments", "A path inside the folder or ZIP with the files is expected here.", name
        )
    return str(path)


def _require_small_directory(raw: BinaryIO) -> None:
    """Refuse a ZIP whose list of names alone would fill the memory; it is read before anything else."""
    size = raw.seek(0, 2)
    tail = min(size, (1 << 16) + 22)
    raw.seek(size - tail)
    end = raw.read(tail)
    at = end.rfind(b"PK\x05\x06")
    raw.seek(0)
    if at < 0:
        raise FileRefused("This is no ZIP.", advice="Pack the files as a .zip.")
    if int.from_bytes(end[at + 12 : at + 16], "little") > LARGEST_DIRECTORY:
        raise FileRefused(
            "The ZIP holds more files than can be read.",
            advice="Import the rows in several parts.",
        )
