"""A release as one ZIP file whose every byte is known beforehand, so that a download can go on anywhere.

Entries are stored, not compressed: their digests and checksums stand in the database already, and
the big ones are compressed inside. Layout: PKWARE APPNOTE 6.3, with ZIP64 where sizes ask for it.
"""

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from zipfile import ZIP_STORED, ZipInfo

from exports import store

_LIMIT = 0xFFFFFFFF
_UNIX = 3
_UTF8 = 0x800


@dataclass(frozen=True)
class Entry:
    """One file: its name inside the archive, size, checksum, and the chunks it is read from."""

    name: str
    size: int
    crc32: int
    chunks: list[list[Any]]


@dataclass(frozen=True)
class _Placed:
    entry: Entry
    offset: int
    head: bytes


class Archive:
    """The layout of a ZIP file over `entries`; `read` gives its bytes from any place on."""

    def __init__(self, entries: Iterable[Entry], made_on: date) -> None:
        self._made_on = made_on
        self._placed: list[_Placed] = []
        offset = 0
        for entry in entries:
            head = self._info(entry).FileHeader(zip64=entry.size > _LIMIT)
            self._placed.append(_Placed(entry, offset, head))
            offset += len(head) + entry.size
        self._directory = self._central(offset)
        self.size = offset + len(self._directory)

    def read(self, start: int = 0) -> Iterator[bytes]:
        """The bytes from `start` to the end."""
        for placed in self._placed:
            length = len(placed.head) + placed.entry.size
            if start >= placed.offset + length:
                continue
            inside = max(0, start - placed.offset)
            yield placed.head[inside:]
            yield from store.read(placed.entry.chunks, max(0, inside - len(placed.head)))
        yield self._directory[max(0, start - (self.size - len(self._directory))) :]

    def _info(self, entry: Entry) -> ZipInfo:
        day = (self._made_on.year, self._made_on.month, self._made_on.day, 0, 0, 0)
        info = ZipInfo(entry.name, date_time=day)
        info.compress_type, info.create_system = ZIP_STORED, _UNIX
        info.file_size = info.compress_size = entry.size
        info.CRC = entry.crc32
        return info

    def _central(self, start: int) -> bytes:
        records = b"".join(self._record(placed) for placed in self._placed)
        count, size = len(self._placed), len(records)
        end = b""
        if count > 0xFFFF or size > _LIMIT or start > _LIMIT:
            end += struct.pack(
                "<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, count, count, size, start
            )
            end += struct.pack("<4sLQL", b"PK\x06\x07", 0, start + size, 1)
        shown = (min(count, 0xFFFF), min(count, 0xFFFF), min(size, _LIMIT), min(start, _LIMIT))
        return records + end + struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, *shown, 0)

    def _record(self, placed: _Placed) -> bytes:
        entry, name = placed.entry, placed.entry.name.encode()
        large, far = entry.size > _LIMIT, placed.offset > _LIMIT
        wide = [entry.size, entry.size] if large else []
        wide += [placed.offset] if far else []
        extra = struct.pack(f"<2H{len(wide)}Q", 1, 8 * len(wide), *wide) if wide else b""
        size, version = (_LIMIT if large else entry.size), (45 if wide else 20)
        day = self._made_on
        stamp = (day.year - 1980) << 9 | day.month << 5 | day.day
        flags = 0 if name.isascii() else _UTF8
        return (
            struct.pack(
                "<4s2B5H3L5H2L",
                b"PK\x01\x02",
                version,
                _UNIX,
                version,
                flags,
                ZIP_STORED,
                0,
                stamp,
                entry.crc32,
                size,
                size,
                len(name),
                len(extra),
                0,
                0,
                0,
                0o600 << 16,
                _LIMIT if far else placed.offset,
            )
            + name
            + extra
        )
