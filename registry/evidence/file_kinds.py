"""What a proof file is, told by its content and never by its name; and why one is refused.

The checks are light: they hold off what carries a program, what is another kind than it seems, and
what is cut off. Files are never opened here by anything that would run or draw them.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from registry.errors import UnusableFile
from registry.evidence.office_files import office_kind

MB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class FileKind:
    """`suffixes`: the first one is put behind a name that has none of them."""

    media_type: str
    suffixes: tuple[str, ...]


_OFFICE = "application/vnd.openxmlformats-officedocument."
PDF = FileKind("application/pdf", (".pdf",))
JPEG = FileKind("image/jpeg", (".jpg", ".jpeg", ".jpe", ".jfif"))
PNG = FileKind("image/png", (".png",))
XLSX = FileKind(_OFFICE + "spreadsheetml.sheet", (".xlsx",))
DOCX = FileKind(_OFFICE + "wordprocessingml.document", (".docx",))
FILE_KINDS = (PDF, JPEG, PNG, XLSX, DOCX)
ACCEPTED = "PDF，JPEG、PNG 图片，Word（.docx）、Excel（.xlsx）文件"

_MESSAGES = {
    "empty": "文件是空的，请检查后重新选择",
    "unknown": f"不是可以上传的文件种类，只接受 {ACCEPTED}",
    "broken": "文件不完整或已损坏，请打开后另存一份再上传",
    "old_office": "这是旧版 Office 文件（.doc、.xls）或设有打开密码，请另存为 .docx、.xlsx 或 PDF 后上传",
    "web_page": "网页和 SVG 图形不能作为佐证，请另存为 PDF 后上传",
    "other_image": "只接受 JPEG、PNG 图片，请转换格式后上传",
    "archive": "压缩包不能上传，请解压后逐个上传",
    "program": "程序文件不能上传",
    "script": "PDF 里有脚本或可执行的动作，不能上传，请打印成新的 PDF 再上传",
    "attached": "PDF 里附有其他文件，不能上传，请取出附件后分别上传",
    "locked": "PDF 已加密，无法检查内容，请去掉密码后再上传",
}
_FOREIGN = (
    ("old_office", (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",)),
    ("other_image", (b"GIF8", b"BM", b"II*\x00", b"MM\x00*", b"RIFF")),
    ("archive", (b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"BZh", b"\xfd7zXZ")),
    ("program", (b"MZ", b"\x7fELF", b"#!", b"\xca\xfe\xba\xbe")),
)
_WEB = re.compile(rb"<(!doctype|html|head|body|script|svg|\?xml)", re.IGNORECASE)


def refused(code: str) -> UnusableFile:
    return UnusableFile(code, _MESSAGES[code])


def kind_of(path: Path) -> FileKind:
    """What the file is. Raises UnusableFile with a sentence for a person."""
    with path.open("rb") as file:
        head = file.read(1024)
        file.seek(0)
        for start, check in _CHECKS:
            if head.startswith(start):
                return check(file)
    raise refused(_foreign(head))


def _foreign(head: bytes) -> str:
    if not head:
        return "empty"
    if head[4:8] == b"ftyp":
        return "other_image"  # HEIC of telephones
    for code, starts in _FOREIGN:
        if head.startswith(starts):
            return code
    return "web_page" if _WEB.search(head) else "unknown"


_ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")
_SCRIPT = re.compile(rb"/(JavaScript|JS|Launch|RichMedia|XFA|SubmitForm|ImportData)\b")
_ATTACHED = re.compile(rb"/(EmbeddedFiles?|FileAttachment)\b")
_LOCKED = re.compile(rb"/Encrypt\b")
_MOST_UNPACKED = 32 * MB


def _pdf(file: BinaryIO) -> FileKind:
    """Looks through everything that is an object, packed ones too; not through pictures and text."""
    content = file.read()
    tail = content[-2048:]
    if b"%%EOF" not in tail or b"startxref" not in tail:
        raise refused("broken")
    for objects in _pdf_objects(content):
        for code, pattern in (("locked", _LOCKED), ("script", _SCRIPT), ("attached", _ATTACHED)):
            if pattern.search(objects):
                raise refused(code)
    return PDF


def _pdf_objects(content: bytes) -> Iterator[bytes]:
    """What stands between the streams, and what is inside of those that hold objects."""
    at, left = 0, _MOST_UNPACKED
    while (start := _stream_after(content, at)) is not None:
        end = content.find(b"endstream", start)
        if end < 0:
            raise refused("broken")
        between = _plain(content[at:start])
        yield between
        if b"/ObjStm" in between:
            unpacked = _inflated(content[start:end].lstrip(b"\r\n"), left)
            left -= len(unpacked)
            yield _plain(unpacked)
        at = end + len(b"endstream")
    yield _plain(content[at:])


def _stream_after(content: bytes, at: int) -> int | None:
    """Where the next stream begins, behind its keyword."""
    while (found := content.find(b"stream", at)) >= 0:
        at = found + len(b"stream")
        if content[at : at + 1] in {b"\r", b"\n"}:
            return at
    return None


def _plain(objects: bytes) -> bytes:
    """A name may be written with escapes: /J#53 is /JS."""
    return _ESCAPED.sub(lambda match: bytes((int(match[1], 16),)), objects)


def _inflated(packed: bytes, most: int) -> bytes:
    inflater = zlib.decompressobj()
    try:
        unpacked = inflater.decompress(packed, max(1, most))
    except zlib.error as error:
        raise refused("broken") from error
    if inflater.unconsumed_tail:
        raise refused("broken")
    return unpacked


_JPEG_SIZES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_JPEG_SCAN = 0xDA


def _jpeg(file: BinaryIO) -> FileKind:
    """Walks the segments up to the picture itself: there must be a size, and an end behind it."""
    content = file.read()
    at, has_size = 2, False
    while at + 4 <= len(content):
        mark, code, length = struct.unpack_from(">BBH", content, at)
        if mark != 0xFF:
            break
        if code == 0xFF:
            at += 1
            continue
        if code in _JPEG_SIZES and at + 9 <= len(content):
            has_size = all(struct.unpack_from(">HH", content, at + 5))
        if code == _JPEG_SCAN:
            if has_size and content.find(b"\xff\xd9", at) > 0:
                return JPEG
            break
        at += 2 + length
    raise refused("broken")


def _png(file: BinaryIO) -> FileKind:
    """Walks the chunks: header first, sums right, and nothing behind the end."""
    content = file.read()
    at, names = 8, list[bytes]()
    while at + 12 <= len(content):
        length, name = struct.unpack_from(">I4s", content, at)
        end = at + 12 + length
        if end > len(content) or zlib.crc32(content[at + 4 : end - 4]) != int.from_bytes(
            content[end - 4 : end]
        ):
            break
        names.append(name)
        at = end
    is_whole = at == len(content) and names[:1] == [b"IHDR"] and names[-1:] == [b"IEND"]
    if not is_whole or b"IDAT" not in names:
        raise refused("broken")
    return PNG


def _office(file: BinaryIO) -> FileKind:
    return DOCX if office_kind(file) == "word" else XLSX


_CHECKS: tuple[tuple[bytes, Callable[[BinaryIO], FileKind]], ...] = (
    (b"%PDF-", _pdf),
    (b"\xff\xd8\xff", _jpeg),
    (b"\x89PNG\r\n\x1a\n", _png),
    (b"PK\x03\x04", _office),
)
