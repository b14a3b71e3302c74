"""What is refused before anything opens a file as a workbook, each with a sentence on what to do.

The order matters: size, first bytes, the zip's own directory, then the first element of every XML
part. Nothing is unpacked beyond that, so a bomb costs as little as an honest file.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from xml.parsers import expat
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo
from zlib import error as ZlibError  # noqa: N812

from registry.errors import UnusableFile

_MB = 1024 * 1024
_ENCRYPTED_FLAG = 0x1
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = b"PK\x03\x04"
_IMAGES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\x00", b"MM\x00*")
_HTML = re.compile(rb"<(!doctype|html|head|meta|table|body|style)", re.IGNORECASE)
_XML_PART = re.compile(r"\.(xml|rels|vml)$", re.IGNORECASE)
_STRICT_NAMESPACE = "http://purl.oclc.org/ooxml/"
_SAVE_AS = "请用 Excel 或 WPS 打开，另存为“Excel 工作簿（*.xlsx）”后重新上传"

_MESSAGES = {
    "empty_file": "文件是空的，请检查后重新选择",
    "old_xls": f"这是旧版 Excel 文件（.xls、.et），{_SAVE_AS}",
    "encrypted": "文件设有打开密码，请在 Excel 中去掉密码，保存后重新上传",
    "xlsb": f"这是二进制工作簿（.xlsb），{_SAVE_AS}",
    "ods": f"这是 OpenDocument 表格（.ods），{_SAVE_AS}",
    "html": f"这是网页文件，只是扩展名像 Excel，{_SAVE_AS}",
    "xml_table": f"这是 XML 表格文件，{_SAVE_AS}",
    "text": f"这是文本文件（如 CSV），{_SAVE_AS}",
    "image": "这是图片，不是 Excel 工作簿，请选择 .xlsx 文件",
    "pdf": "这是 PDF，不是 Excel 工作簿，请选择 .xlsx 文件",
    "not_workbook": "这不是 Excel 工作簿，请选择 .xlsx 文件",
    "macro": f"文件含有宏，不能导入，{_SAVE_AS}",
    "broken_zip": "文件不完整或已损坏，请在 Excel 中打开并另存一份，再重新上传",
    "bad_parts": "文件内部结构异常，不能读取，请把数据复制到新的工作簿后重新上传",
    "too_many_parts": "文件内部的部件过多，请把数据复制到新的工作簿后重新上传",
    "unpacked_too_big": "文件展开后过大，请删去无关的工作表和格式，或分成几个文件上传",
    "dtd": "文件含有不允许的 XML 声明，不能读取，请把数据复制到新的工作簿后重新上传",
    "strict": (
        "文件是“Strict Open XML 电子表格”，请在 Excel 中另存为“Excel 工作簿（*.xlsx）”后重新上传"
    ),
    "unreadable": "文件无法读取，可能已损坏，请在 Excel 中打开并另存为 .xlsx 后重新上传",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much of a workbook is accepted. Sizes are bytes; rows and columns count used ones."""

    file_bytes: int = 20 * _MB
    parts: int = 1000
    unpacked_bytes: int = 300 * _MB
    part_bytes: int = 200 * _MB
    ratio: int = 200
    sheets: int = 50
    rows: int = 200_000
    columns: int = 300


def refusal(code: str) -> UnusableFile:
    """The refusal for one of the codes above."""
    return UnusableFile(code, _MESSAGES[code])


@contextmanager
def unreadable_on_error() -> Iterator[None]:
    """Turn whatever a malformed file makes zip, XML and conversion raise into one sentence."""
    try:
        yield
    except (
        ArithmeticError,
        AttributeError,
        BadZipFile,
        EOFError,
        LookupError,
        MemoryError,
        NotImplementedError,
        OSError,
        RuntimeError,
        TypeError,
        ValueError,
        ZlibError,
        expat.ExpatError,
    ) as error:
        raise refusal("unreadable") from error


def check_workbook(path: Path, limits: Limits) -> None:
    """Raise UnusableFile unless `path` is an .xlsx that may be opened."""
    size = path.stat().st_size
    if size == 0:
        raise refusal("empty_file")
    if size > limits.file_bytes:
        most = limits.file_bytes // _MB
        raise UnusableFile(
            "too_big",
            f"文件 {size / _MB:.1f} MB，超过上限 {most} MB，请删去图片和无关工作表，或分成几个文件上传",
        )
    with path.open("rb") as file:
        head = file.read(4096)
    if not head.startswith(_ZIP):
        raise refusal(_foreign_kind(path, head))
    try:
        archive = ZipFile(path)
    except (BadZipFile, OSError, ValueError, NotImplementedError, LookupError) as error:
        raise refusal("broken_zip") from error
    with archive:
        entries = archive.infolist()
        _check_directory(entries, size, limits)
        _check_kind(archive, {entry.filename.replace("\\", "/").lower() for entry in entries})
        with unreadable_on_error():
            for entry in entries:
                if _XML_PART.search(entry.filename):
                    _check_head(archive, entry)


def _foreign_kind(path: Path, head: bytes) -> str:
    if head.startswith(_OLE):
        return _ole_kind(path.read_bytes())
    marks = {
        "image": head.startswith(_IMAGES),
        "pdf": head.startswith(b"%PDF"),
        "xml_table": b"urn:schemas-microsoft-com:office:spreadsheet" in head,
        "html": _HTML.search(head[:1024]) is not None,
        "text": _is_text(head),
    }
    return next((kind for kind, found in marks.items() if found), "not_workbook")


def _ole_kind(whole: bytes) -> str:
    if "EncryptedPackage".encode("utf-16-le") in whole:
        return "encrypted"
    return "not_workbook" if "WordDocument".encode("utf-16-le") in whole else "old_xls"


def _is_text(head: bytes) -> bool:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    if any(byte < 9 or 13 < byte < 32 for byte in head):
        return False
    for encoding in ("utf-8", "gb18030"):
        try:
            # The cut at 4096 bytes may fall inside a character.
            head[: len(head) - 4 if len(head) == 4096 else len(head)].decode(encoding)
        except UnicodeDecodeError as error:
            if error.start < len(head) - 8:
                continue
        return True
    return False


def _check_directory(entries: list[ZipInfo], size: int, limits: Limits) -> None:
    if len(entries) > limits.parts:
        raise refusal("too_many_parts")
    names = [entry.filename.replace("\\", "/").lower() for entry in entries]
    if len(set(names)) != len(names) or any(map(_leaves_the_archive, names)):
        raise refusal("bad_parts")
    if any(entry.flag_bits & _ENCRYPTED_FLAG for entry in entries):
        raise refusal("encrypted")
    if any(entry.compress_type not in {ZIP_STORED, ZIP_DEFLATED} for entry in entries):
        raise refusal("bad_parts")
    # Parts that together claim more packed bytes than the file has share bytes: a bomb.
    if sum(entry.compress_size for entry in entries) > size:
        raise refusal("bad_parts")
    if sum(entry.file_size for entry in entries) > limits.unpacked_bytes:
        raise refusal("unpacked_too_big")
    for entry in entries:
        swollen = entry.file_size > 10 * _MB and (
            entry.file_size > limits.ratio * max(entry.compress_size, 1)
        )
        if entry.file_size > limits.part_bytes or swollen:
            raise refusal("unpacked_too_big")


def _leaves_the_archive(name: str) -> bool:
    return name.startswith("/") or ":" in name or ".." in posixpath.normpath(name).split("/")


def _check_kind(archive: ZipFile, names: set[str]) -> None:
    if any(name.endswith("vbaproject.bin") or "/macrosheets/" in name for name in names):
        raise refusal("macro")
    if "xl/workbook.bin" in names:
        raise refusal("xlsb")
    if "mimetype" in names:
        with unreadable_on_error():
            declared = archive.read("mimetype")[:100]
        raise refusal("ods" if b"opendocument.spreadsheet" in declared else "not_workbook")
    if "[content_types].xml" not in names or any(name.startswith("word/") for name in names):
        raise refusal("not_workbook")


class _HeadRead(Exception):
    """The first element of a part has been seen."""


def _check_head(archive: ZipFile, entry: ZipInfo) -> None:
    """Refuse a document type declaration and Strict OOXML, reading no further than needed."""

    def first_element(name: str, _attributes: dict[str, str]) -> None:
        if name.startswith(_STRICT_NAMESPACE):
            raise refusal("strict")
        raise _HeadRead

    parser = new_parser()
    parser.StartElementHandler = first_element
    with archive.open(entry) as stream:
        try:
            while chunk := stream.read(2048):
                parser.Parse(chunk, False)
        except _HeadRead:
            return
        except expat.ExpatError:
            # Drawings are often not well-formed and never read; a part that is read and broken
            # is reported when it is read.
            return


def new_parser() -> expat.XMLParserType:
    """An expat parser that knows namespaces ("uri name") and refuses document types."""

    def refuse(*_declaration: object) -> None:
        raise refusal("dtd")

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = refuse
    return parser
