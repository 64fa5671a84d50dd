"""The key that signs releases: by setting, or made once for a development installation."""

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings

from exports import signing
from exports.errors import SigningKeyMissing


def signing_key() -> Ed25519PrivateKey:
    """The private key of RELEASE_SIGNING_KEY (PEM, or the path of a file with it).

    Without the setting, a key under var/ is made on first use, outside production only.
    """
    given = settings.RELEASE_SIGNING_KEY
    try:
        if given:
            pem = given if "BEGIN" in given else Path(given).read_text()
            return signing.private_key(pem.replace("\\n", "\n"))
        if settings.DEBUG or getattr(settings, "DEMO", False):
            return signing.made_once(settings.VAR_DIR / "secrets" / "release_signing_key.pem")
    except (OSError, signing.BadKey) as error:
        raise SigningKeyMissing(f"RELEASE_SIGNING_KEY cannot be used: {error}") from error
    raise SigningKeyMissing


def verifying_key() -> Ed25519PublicKey:
    """The public half of `signing_key`."""
    return signing_key().public_key()
