"""Secrets of a development installation: made at random once, kept in a file only its owner reads."""

import secrets
from pathlib import Path


def made_once(path: Path) -> str:
    """Return the secret kept in `path`, making a random one on first use.

    Two processes that start together agree: the file is created exclusively and the loser reads it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(48))
        try:
            path.hardlink_to(draft)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text().strip()
