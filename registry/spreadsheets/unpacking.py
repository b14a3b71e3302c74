"""The zip under a workbook, taken at its own word nowhere: what is read is measured.

Python's zip reader stops at the size a part declares, other readers do not; so parts are inflated
here, piece by piece, and one that comes to another size, or shares bytes with its neighbour, is
refused before any reader sees it.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import BinaryIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from registry.spreadsheets.refusals import MB, Limits, refusal

_LONGEST_END = 66_000
"""The record at the end of a zip with the longest comment, rounded up."""
_END_MARK, _END64_MARK, _END64_PLACE = b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07"
_LONGEST_ENTRY = 1024

CHUNK = MB
"""Bytes an inflated piece may have."""
_PACKED_CHUNK = 64 * 1024
_ENCRYPTED = 0x1
_UTF8_NAME = 0x800
_LOCAL_HEADER = struct.Struct("<4sHHHHHLLLHH")
_LOCAL_MARK = b"PK\x03\x04"
_SWOLLEN = 10 * MB
"""Below this a part may be packed at any ratio."""


class Parts:
    """The parts of an open workbook; `file` and `archive` read the same bytes."""

    def __init__(self, file: BinaryIO, archive: ZipFile, size: int, limits: Limits) -> None:
        """Check the whole directory. `size` is that of the file. Raises UnusableFile."""
        self._file = file
        self.entries = archive.infolist()
        _check_entries(self.entries, size, limits)
        self._starts = _starts(file, self.entries, archive.start_dir)

    def inflate(self, entry: ZipInfo) -> Iterator[bytes]:
        """The content of a part in pieces of at most CHUNK bytes; checked for size and sum."""
        total = checksum = 0
        for piece in self._pieces(entry):
            total += len(piece)
            if total > entry.file_size:
                raise refusal("broken_zip")
            checksum = zlib.crc32(piece, checksum)
            yield piece
        if total != entry.file_size or checksum != entry.CRC:
            raise refusal("broken_zip")

    def _pieces(self, entry: ZipInfo) -> Iterator[bytes]:
        inflater = zlib.decompressobj(-zlib.MAX_WBITS)
        stored = entry.compress_type == ZIP_STORED
        position, left = self._starts[entry.header_offset], entry.compress_size
        while left:
            # Somebody else may have moved the file on between two pieces.
            self._file.seek(position)
            packed = self._file.read(min(left, _PACKED_CHUNK))
            if not packed:
                raise refusal("broken_zip")
            position += len(packed)
            left -= len(packed)
            while packed and not stored:
                yield inflater.decompress(packed, CHUNK)
                packed = inflater.unconsumed_tail
            if packed:
                yield packed
        if not stored:
            yield from _rest(inflater)


def _rest(inflater: zlib._Decompress) -> Iterator[bytes]:
    while piece := inflater.decompress(b"", CHUNK):
        yield piece
    if not inflater.eof:
        raise refusal("broken_zip")


def check_end(file: BinaryIO, size: int, limits: Limits) -> None:
    """Refuse a directory of too many parts before it is read: reading alone can take a second."""
    file.seek(max(0, size - _LONGEST_END))
    tail = file.read()
    end = tail.rfind(_END_MARK)
    if end < 0 or len(tail) < end + 20:
        raise refusal("broken_zip")
    entries, length = struct.unpack_from("<HL", tail, end + 10)
    if tail[max(0, end - 20) : end].startswith(_END64_PLACE):
        (place,) = struct.unpack_from("<Q", tail, end - 12)
        file.seek(min(place, size))
        record = file.read(56)
        if len(record) < 56 or not record.startswith(_END64_MARK):
            raise refusal("broken_zip")
        entries, length = struct.unpack_from("<QQ", record, 32)
    if entries > limits.parts or length > limits.parts * _LONGEST_ENTRY:
        raise refusal("too_many_parts")


def plain_name(entry: ZipInfo) -> str:
    """A part's name as programs compare names: slashes, lower case."""
    return entry.filename.replace("\\", "/").lower()


def _check_entries(entries: list[ZipInfo], size: int, limits: Limits) -> None:
    if len(entries) > limits.parts:
        raise refusal("too_many_parts")
    names = [plain_name(entry) for entry in entries]
    if any(map(_leaves_the_archive, names)):
        raise refusal("part_names")
    if len(set(names)) != len(names):
        raise refusal("duplicate_parts")
    if any(entry.flag_bits & _ENCRYPTED for entry in entries):
        raise refusal("encrypted")
    if any(entry.compress_type not in {ZIP_STORED, ZIP_DEFLATED} for entry in entries):
        raise refusal("bad_parts")
    # Parts that together claim more packed bytes than the file has share bytes: a bomb.
    if sum(entry.compress_size for entry in entries) > size:
        raise refusal("overlapping_parts")
    if sum(entry.file_size for entry in entries) > limits.unpacked_bytes:
        raise refusal("unpacked_too_big")
    if any(_is_too_big(entry, limits) for entry in entries):
        raise refusal("unpacked_too_big")


def _is_too_big(entry: ZipInfo, limits: Limits) -> bool:
    swollen = entry.file_size > max(_SWOLLEN, limits.ratio * entry.compress_size)
    return swollen or entry.file_size > limits.part_bytes


def _leaves_the_archive(name: str) -> bool:
    return name.startswith("/") or ":" in name or ".." in name.split("/")


def _starts(file: BinaryIO, entries: list[ZipInfo], directory: int) -> dict[int, int]:
    """Where the bytes of each part start, by the offset of its header; none may overlap."""
    starts: dict[int, int] = {}
    end = 0
    for entry in sorted(entries, key=lambda entry: entry.header_offset):
        if entry.header_offset < end:
            raise refusal("overlapping_parts")
        start = _data_start(file, entry)
        starts[entry.header_offset] = start
        end = start + entry.compress_size
    if end > directory:
        raise refusal("overlapping_parts")
    return starts


def _data_start(file: BinaryIO, entry: ZipInfo) -> int:
    """Past the header in front of a part, which must tell the same story as the directory."""
    file.seek(entry.header_offset)
    header = file.read(_LOCAL_HEADER.size)
    if len(header) < _LOCAL_HEADER.size:
        raise refusal("broken_zip")
    mark, _, flags, method, *_, name_length, extra_length = _LOCAL_HEADER.unpack(header)
    if mark != _LOCAL_MARK:
        raise refusal("broken_zip")
    name = file.read(name_length).decode("utf-8" if flags & _UTF8_NAME else "cp437", "replace")
    if flags & _ENCRYPTED:
        raise refusal("encrypted")
    if method != entry.compress_type or name != entry.orig_filename:
        raise refusal("bad_parts")
    return entry.header_offset + _LOCAL_HEADER.size + int(name_length) + int(extra_length)
