"""A workbook as parts: the ones nobody touches are copied compressed, byte for byte.

with ZipFile(path) as archive:
    parts = Parts(archive)
    parts.write("xl/workbook.xml", changed)
    parts.save(path, target)
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO
from xml.parsers import expat
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from registry.errors import UnusableFile
from registry.spreadsheets.gate import new_parser
from registry.spreadsheets.markup import NotAnnotatable, odd_markup

MOST_BYTES = 128 * 1024 * 1024
"""Unpacked size of a part that is patched; it is held in memory."""
_CHUNK = 64 * 1024
_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s4B4HL2L5H2L")
_END = struct.Struct("<4s4H2LH")
_UTF8 = 0x800
_DATA_FOLLOWS = 0x8
_LAST_OFFSET = 0xFFFF_FFFF

Pieces = Iterable[bytes | memoryview]


class Parts:
    """The parts of a workbook, some of them rewritten or new."""

    def __init__(self, archive: ZipFile) -> None:
        self._archive = archive
        self._names = {
            info.filename.replace("\\", "/").lower(): info.filename for info in archive.infolist()
        }
        self._changed: dict[str, bytes] = {}
        self._packed: dict[str, _Packed] = {}
        self._removed: set[str] = set()

    def name(self, path: str) -> str | None:
        """The part of this path as the zip spells it, None if there is none."""
        return self._names.get(path.lower())

    def names(self) -> list[str]:
        return list(self._names.values())

    def read(self, name: str) -> bytes:
        """A part as it is by now. Raises NotAnnotatable when it is too big to patch."""
        if name in self._changed:
            return self._changed[name]
        if self._archive.getinfo(name).file_size > MOST_BYTES:
            raise NotAnnotatable("too_big", "工作表过大，不能在原文件上标注，请查看错误清单")
        data = self._archive.read(name)
        if not name.lower().endswith(".vml"):
            # Patching finds its places by tags alone, which is only safe in well-formed XML.
            _check_well_formed(data)
        return data

    def write(self, name: str, data: bytes) -> None:
        self._names.setdefault(name.lower(), name)
        self._removed.discard(name)
        self._changed[name] = data

    def pack(self, name: str, pieces: Pieces) -> None:
        """Replace a part for good, compressed right away so that it is not held whole."""
        self._names.setdefault(name.lower(), name)
        self._changed.pop(name, None)
        self._packed[name] = _pack(name, pieces)

    def remove(self, name: str) -> None:
        self._names.pop(name.lower(), None)
        self._changed.pop(name, None)
        self._removed.add(name)

    def free_name(self, pattern: str) -> str:
        """The first name of a pattern with `{}` for a number that no part has."""
        number = 1
        while pattern.format(number).lower() in self._names:
            number += 1
        return pattern.format(number)

    def save(self, source: Path, target: BinaryIO) -> None:
        """Write the workbook: parts in their order, new ones behind."""
        writer = _ZipWriter(target)
        with source.open("rb") as original:
            for info in self._archive.infolist():
                name = info.filename
                if name in self._removed:
                    continue
                packed = self._rewritten(name)
                if packed is None:
                    writer.copy(info, original)
                else:
                    writer.add(info, packed)
            old = {info.filename for info in self._archive.infolist()}
            for name in self._names.values():
                packed = None if name in old else self._rewritten(name)
                if packed is not None:
                    writer.add(_new_entry(name), packed)
        writer.finish()

    def _rewritten(self, name: str) -> _Packed | None:
        if name in self._changed:
            return _pack(name, [self._changed[name]])
        return self._packed.get(name)


class _Packed:
    """Compressed bytes with what a zip says of them."""

    __slots__ = ("crc", "data", "size")

    def __init__(self, data: bytes, crc: int, size: int) -> None:
        self.data, self.crc, self.size = data, crc, size


def _pack(name: str, pieces: Pieces) -> _Packed:
    """Compress; an XML part is parsed on the way, so that a damaged one never leaves the house."""
    parser = None if name.lower().endswith(".vml") else new_parser()
    compressor = zlib.compressobj(5, zlib.DEFLATED, -15)
    packed: list[bytes] = []
    crc = size = 0
    try:
        for piece in pieces:
            for start in range(0, len(piece), 1 << 20):
                part = piece[start : start + (1 << 20)]
                crc, size = zlib.crc32(part, crc), size + len(part)
                packed.append(compressor.compress(part))
                if parser is not None:
                    parser.Parse(bytes(part), False)
        if parser is not None:
            parser.Parse(b"", True)
    except (expat.ExpatError, UnusableFile) as error:
        raise odd_markup() from error
    packed.append(compressor.flush())
    return _Packed(b"".join(packed), crc, size)


def _check_well_formed(data: bytes) -> None:
    try:
        new_parser().Parse(data, True)
    except (expat.ExpatError, UnusableFile) as error:
        raise odd_markup() from error


def _new_entry(name: str) -> ZipInfo:
    return ZipInfo(name, (1980, 1, 1, 0, 0, 0))


class _ZipWriter:
    """Writes entries without ever unpacking those that are copied; no zip64 below 4 GB."""

    def __init__(self, target: BinaryIO) -> None:
        self._target = target
        self._offset = 0
        self._directory: list[bytes] = []

    def copy(self, info: ZipInfo, original: BinaryIO) -> None:
        original.seek(info.header_offset)
        head = original.read(_LOCAL.size)
        if len(head) < _LOCAL.size or not head.startswith(b"PK\x03\x04"):
            raise odd_markup()
        *_, name_length, extra_length = _LOCAL.unpack(head)
        original.seek(name_length + extra_length, 1)
        self._open(info, info.compress_type, info.CRC, info.compress_size, info.file_size)
        left = info.compress_size
        while left:
            chunk = original.read(min(_CHUNK, left))
            if not chunk:
                raise odd_markup()
            self._write(chunk)
            left -= len(chunk)

    def add(self, info: ZipInfo, packed: _Packed) -> None:
        self._open(info, ZIP_DEFLATED, packed.crc, len(packed.data), packed.size)
        self._write(packed.data)

    def _open(self, info: ZipInfo, method: int, crc: int, packed: int, size: int) -> None:
        flags = info.flag_bits & ~_DATA_FOLLOWS
        name = info.orig_filename.encode("utf-8" if flags & _UTF8 else "cp437")
        year, month, day, hour, minute, second = info.date_time
        day_bits = max(year - 1980, 0) << 9 | month << 5 | day
        time_bits = hour << 11 | minute << 5 | second // 2
        sizes = (crc, packed, size)
        local = _LOCAL.pack(
            b"PK\x03\x04", 20, flags, method, time_bits, day_bits, *sizes, len(name), 0
        )
        offset = self._offset
        if offset > _LAST_OFFSET - packed - 0x10000:
            raise odd_markup()
        made_by = (20, info.create_system, 20, 0)
        own = (len(name), 0, 0, 0, info.internal_attr, info.external_attr, offset)
        entry = _CENTRAL.pack(
            b"PK\x01\x02", *made_by, flags, method, time_bits, day_bits, *sizes, *own
        )
        self._directory.append(entry + name)
        self._write(local + name)

    def finish(self) -> None:
        start, count = self._offset, len(self._directory)
        directory = b"".join(self._directory)
        self._write(directory)
        self._write(_END.pack(b"PK\x05\x06", 0, 0, count, count, len(directory), start, 0))

    def _write(self, data: bytes) -> None:
        self._target.write(data)
        self._offset += len(data)
