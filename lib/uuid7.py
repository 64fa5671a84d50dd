"""Time-ordered identifiers (RFC 9562, version 7), made in Python so that any PostgreSQL from 15 on serves."""

import secrets
import time
import uuid


def uuid7() -> uuid.UUID:
    """48 bits of milliseconds since the epoch, then version, variant and 74 random bits."""
    value = (time.time_ns() // 1_000_000) << 80 | secrets.randbits(80)
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return uuid.UUID(int=value)
