"""Numbers of licences: kept under a key, compared by a keyed hash, never stored in the open.

FIELD_ENCRYPTION_KEY may name several keys separated by commas: the first one seals, all of them open,
so a key is replaced by putting the new one in front.
"""

import base64
import hashlib
import hmac
import re

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


def _keys() -> list[bytes]:
    names = [name.strip() for name in settings.FIELD_ENCRYPTION_KEY.split(",") if name.strip()]
    return [hashlib.sha256(f"firsthand field {name}".encode()).digest() for name in names]


def _box() -> MultiFernet:
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in _keys()])


def normalised(number: str) -> str:
    """The number as registers compare it: letters and digits only, capitals."""
    return re.sub(r"[^0-9A-Z]", "", number.upper())


def seal(number: str) -> bytes:
    """The number, encrypted; nothing for no number."""
    return _box().encrypt(number.encode()) if number else b""


def unseal(sealed: bytes | memoryview) -> str:
    """The number again; empty when there is none or no key of this installation fits."""
    try:
        return _box().decrypt(bytes(sealed)).decode() if sealed else ""
    except InvalidToken:
        return ""


def digest(number: str, *register: str) -> str:
    """64 hexadecimal digits by which the same number in the same register is found again."""
    plain = normalised(number)
    if not plain:
        return ""
    # The oldest key, because a digest must stay comparable when a newer key is put in front.
    text = "\x1f".join([*(part.strip().casefold() for part in register), plain])
    return hmac.new(_keys()[-1], text.encode(), hashlib.sha256).hexdigest()
