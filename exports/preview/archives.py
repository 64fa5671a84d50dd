"""Take the files of a tokenizer out of an upload, and nothing else: no paths, no links, no bombs."""

import io
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import PurePosixPath

import orjson

from lib.errors import Invalid

WANTED = frozenset(
    [
        "tokenizer.json",
        "tokenizer_config.json",
        "special_tokens_map.json",
        "added_tokens.json",
        "vocab.json",
        "merges.txt",
        "chat_template.jinja",
        "chat_template.json",
    ]
)
MOST_BYTES = 100 << 20


class BadArchive(Invalid):
    """The upload is not an archive one can take."""

    code = "bad_archive"
    message = "This upload cannot be taken as a tokenizer."
    advice = (
        "Upload a .zip or .tar.gz with tokenizer.json and tokenizer_config.json, or tokenizer.json."
    )


def files_of(name: str, content: bytes) -> dict[str, bytes]:
    """{file name: content} of the tokenizer files in an upload; raises BadArchive."""
    if name.endswith(".json"):
        found = {"tokenizer.json": content}
    elif zipfile.is_zipfile(io.BytesIO(content)):
        found = dict(_from_zip(content))
    elif tarfile.is_tarfile(io.BytesIO(content)):
        found = dict(_from_tar(content))
    else:
        raise BadArchive("The upload is neither a ZIP nor a TAR archive nor a tokenizer.json.")
    if "tokenizer.json" not in found:
        raise BadArchive("There is no tokenizer.json in the upload.")
    for part, text in found.items():
        if part.endswith(".json") and not _is_object(text):
            raise BadArchive(f"{part} in the upload is not a JSON object.")
    return found


def _is_object(text: bytes) -> bool:
    try:
        return isinstance(orjson.loads(text), dict)
    except orjson.JSONDecodeError:
        return False


def _from_zip(content: bytes) -> Iterator[tuple[str, bytes]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for info in archive.infolist():
                name = _safe_name(info.filename)
                if info.is_dir() or name not in WANTED:
                    continue
                _require_small(info.file_size)
                with archive.open(info) as source:
                    yield name, _bounded(source.read(MOST_BYTES + 1))
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise BadArchive(f"The archive is damaged: {error}.") from error
    except (RuntimeError, NotImplementedError) as error:
        # A password, or a way of packing that this Python does not know.
        raise BadArchive(f"The archive cannot be unpacked: {error}.") from error


def _from_tar(content: bytes) -> Iterator[tuple[str, bytes]]:
    try:
        with tarfile.open(fileobj=io.BytesIO(content)) as archive:
            for member in archive:
                name = _safe_name(member.name)
                if member.issym() or member.islnk() or member.isdev():
                    raise BadArchive(f"The archive holds a link or device: {member.name}.")
                source = archive.extractfile(member) if member.isfile() and name in WANTED else None
                if source is not None:
                    _require_small(member.size)
                    yield name, _bounded(source.read(MOST_BYTES + 1))
    except (tarfile.TarError, EOFError, OSError) as error:
        raise BadArchive(f"The archive is damaged: {error}.") from error


def _safe_name(path: str) -> str:
    pure = PurePosixPath(path.replace("\\", "/"))
    if pure.is_absolute() or ".." in pure.parts or ":" in path:
        raise BadArchive(f"The archive holds a path that leads outside: {path}.")
    return pure.name


def _require_small(size: int) -> None:
    if size > MOST_BYTES:
        raise BadArchive("A file in the archive is larger than 100 MB.")


def _bounded(content: bytes) -> bytes:
    _require_small(len(content))
    return content
