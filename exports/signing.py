"""Ed25519 signatures over a manifest (RFC 8032): deterministic, so the same key gives the same bytes."""

import base64
import binascii
import hashlib
from pathlib import Path

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from exports import lines


class BadKey(ValueError):
    """The text is not an Ed25519 key in PEM."""


def made_once(path: Path) -> Ed25519PrivateKey:
    """The private key kept in `path`, made on first use and readable by its owner alone."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.draft")
        draft.touch(mode=0o600)
        draft.write_text(private_pem(Ed25519PrivateKey.generate()))
        try:
            path.hardlink_to(draft)
        except FileExistsError:
            pass  # another process was first; its key is the one
        finally:
            draft.unlink(missing_ok=True)
    return private_key(path.read_text())


def private_key(pem: str) -> Ed25519PrivateKey:
    """Read a private key; raises BadKey."""
    try:
        key = serialization.load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError) as error:
        raise BadKey("The signing key is not a private key in PEM without a password.") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise BadKey("The signing key is not an Ed25519 key.")
    return key


def public_key(pem: str) -> Ed25519PublicKey:
    """Read a public key; raises BadKey."""
    try:
        key = serialization.load_pem_public_key(pem.encode())
    except ValueError as error:
        raise BadKey("The public key is not a key in PEM.") from error
    if not isinstance(key, Ed25519PublicKey):
        raise BadKey("The public key is not an Ed25519 key.")
    return key


def private_pem(key: Ed25519PrivateKey) -> str:
    """The private key as text."""
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()


def public_pem(key: Ed25519PublicKey) -> str:
    """The public key as text."""
    return key.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    ).decode()


def key_id(key: Ed25519PublicKey) -> str:
    """SHA-256 of the raw public key, in hex: which key signed."""
    raw = key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return hashlib.sha256(raw).hexdigest()


def signature_file(manifest: bytes, key: Ed25519PrivateKey) -> bytes:
    """The content of `manifest.sig` for the content of `manifest.json`."""
    return lines.document(
        {
            "algorithm": "ed25519",
            "key_id": key_id(key.public_key()),
            "signature": base64.b64encode(key.sign(manifest)).decode(),
        }
    )


def holds(signature: bytes, manifest: bytes, key: Ed25519PublicKey) -> str | None:
    """Why `signature` (a `manifest.sig`) does not hold for `manifest` under `key`, or None."""
    try:
        told = orjson.loads(signature)
        raw = base64.b64decode(told["signature"], validate=True)
        signer, algorithm = told["key_id"], told["algorithm"]
    except (orjson.JSONDecodeError, binascii.Error, KeyError, TypeError, ValueError):
        return "manifest.sig is not a signature file."
    if signature != lines.document(told):
        return "manifest.sig is not as its publisher wrote it."
    if algorithm != "ed25519" or signer != key_id(key):
        return "manifest.sig was made with another key than the one given."
    try:
        key.verify(raw, manifest)
    except InvalidSignature:
        return "The signature in manifest.sig does not match manifest.json."
    return None
