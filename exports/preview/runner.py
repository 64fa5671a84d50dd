"""Ask the rendering process, within limits of time."""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import orjson
from django.conf import settings

from exports import store
from exports.formats import reading
from exports.formats.trl import reasoned_turn
from exports.models import Tokenizer
from exports.preview import builtin
from exports.records import Record
from lib.errors import Conflict, Invalid

SECONDS = 60


class PreviewUnavailable(Conflict):
    """The code that trainers render with is not installed here."""

    code = "preview_unavailable"
    message = "Rendering needs the transformers package, which is not installed here."
    advice = "Install it with one command, about 95 MB: python -m pip install 'transformers~=5.23' 'jinja2~=3.1'"


class PreviewFailed(Invalid):
    """The tokenizer or its template cannot be used."""

    code = "preview_failed"


def rendered(
    *, tokenizer: Tokenizer | None, records: Sequence[Record], limit: int, chat_template: str = ""
) -> list[dict[str, Any]]:
    """Each record as exports.preview.render shows it; without a tokenizer, by the built-in one.

    Raises PreviewFailed when the template runs too long, or the tokenizer cannot be loaded.
    """
    request = {
        "chat_template": chat_template or (tokenizer.chat_template if tokenizer else ""),
        "limit": limit,
        "records": [asked(record) for record in records],
    }
    if find_spec("transformers") is None or find_spec("tokenizers") is None:
        raise PreviewUnavailable
    with _folder(tokenizer) as folder:
        answer = _ask(folder, orjson.dumps(request))
    if "problem" in answer:
        raise PreviewFailed(answer["problem"])
    return list(answer["records"])


def asked(record: Record) -> dict[str, Any]:
    """A record as the rendering process takes it: what a trainer hands to the template."""
    plain = [
        {**message, "parts": [part for part in message["parts"] if part["type"] == "text"]}
        for message in record.messages
    ]
    return {
        "record_id": record.record_id,
        "messages": [reasoned_turn(message) for message in plain],
        "tools": reading.functions(record),
    }


def _ask(folder: Path, request: bytes) -> dict[str, Any]:
    command = [sys.executable, "-m", "exports.preview.render", str(folder)]
    try:
        done = subprocess.run(  # noqa: S603  (our own module)
            command,
            input=request,
            capture_output=True,
            timeout=SECONDS,
            check=False,
            cwd=settings.BASE_DIR,
            env={
                "PATH": "",
                "HF_HUB_OFFLINE": "1",
                "HOME": str(folder),
                "PYTHONPATH": str(settings.BASE_DIR),
                "TOKENIZERS_PARALLELISM": "false",
            },
        )
    except subprocess.TimeoutExpired:
        raise PreviewFailed(
            f"The template ran for more than {SECONDS} seconds and was stopped.",
            advice="Look for a loop in it that does not end.",
        ) from None
    if done.returncode:
        if b"No module named '" in done.stderr:
            raise PreviewUnavailable
        raise PreviewFailed(
            "The template used more time or memory than a preview may.",
            advice="Look for a loop in it that does not end.",
        )
    answer: dict[str, Any] = orjson.loads(done.stdout)
    return answer


@contextmanager
def _folder(tokenizer: Tokenizer | None) -> Iterator[Path]:
    base = settings.VAR_DIR / "work"
    base.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=base))
    try:
        if tokenizer is None:
            builtin.write(folder)
        else:
            for name, sha256 in tokenizer.files.items():
                with store.open_chunk(sha256) as source, (folder / name).open("wb") as sink:
                    shutil.copyfileobj(source, sink)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
