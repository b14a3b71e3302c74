"""Word and Excel files as proofs: which of the two, and nothing in it that runs or fetches."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO
from zipfile import BadZipFile, ZipFile

from registry.errors import UnusableFile
from registry.spreadsheets.refusals import Limits, new_parser, unreadable_on_error
from registry.spreadsheets.unpacking import Parts, check_end, plain_name

_LISTING = "[content_types].xml"
_MAIN = {
    b"wordprocessingml.document.main+xml": "word",
    b"spreadsheetml.sheet.main+xml": "excel",
}
_ACTIVE = (b"macroenabled", b"vbaproject", b"macrosheet", b"activex")
_FETCHING = ("attachedtemplate", "oleobject", "subdocument", "frame", "package", "afchunk")
"""Last words of the types of links by which opening a file loads another one."""
_MOST = 4 * 1024 * 1024

_MESSAGES = {
    "macro": "文件里有宏或控件，不能上传，请另存为不含宏的文件或 PDF 再上传",
    "embedded": "文件里嵌有其他文件或对象，不能上传，请删去后保存再上传，或另存为 PDF",
    "fetching": "文件打开时会读取外部的模板或对象，不能上传，请另存为 PDF 再上传",
    "encrypted": "文件设有打开密码，请去掉密码后再上传",
    "archive": "压缩包不能上传，请解压后逐个上传",
    "unpacked_too_big": "文件展开后过大，请拆分或另存为 PDF 后上传",
    "broken": "文件不完整或已损坏，请打开后另存一份再上传",
}


def office_kind(file: BinaryIO) -> str:
    """`word` or `excel`. Raises UnusableFile for any other zip, and for what carries a program."""
    size = file.seek(0, 2)
    limits = Limits(file_bytes=size)
    with _in_our_words(), unreadable_on_error():
        check_end(file, size, limits)
        try:
            archive = ZipFile(file)
        except BadZipFile as error:
            raise _refused("broken") from error
        with archive:
            return _kind(Parts(file, archive, size, limits))


def _kind(parts: Parts) -> str:
    entries = {plain_name(entry): entry for entry in parts.entries}
    listing = b"".join(_read(parts, _LISTING)).lower() if _LISTING in entries else b""
    kind = next((kind for word, kind in _MAIN.items() if word in listing), None)
    if any(word in listing for word in _ACTIVE) or any(
        name.endswith("vbaproject.bin") or "/activex/" in name or "/macrosheets/" in name
        for name in entries
    ):
        raise _refused("macro")
    if kind is None:
        raise _refused("archive")
    if any("/embeddings/" in name for name in entries):
        raise _refused("embedded")
    for name in entries:
        if name.endswith(".rels"):
            _check_links(parts, name)
    return kind


def _read(parts: Parts, name: str) -> Iterator[bytes]:
    """A part that is short in any honest file."""
    entry = next(entry for entry in parts.entries if plain_name(entry) == name)
    if entry.file_size > _MOST:
        raise _refused("broken")
    return parts.inflate(entry)


def _check_links(parts: Parts, name: str) -> None:
    def look(_element: str, attributes: dict[str, str]) -> None:
        leads_out = attributes.get("TargetMode", "").lower() == "external"
        kind = attributes.get("Type", "").rpartition("/")[2].lower()
        if leads_out and kind in _FETCHING:
            raise _refused("fetching")

    parser = new_parser()
    parser.StartElementHandler = look
    for piece in _read(parts, name):
        parser.Parse(piece, False)
    parser.Parse(b"", True)


@contextmanager
def _in_our_words() -> Iterator[None]:
    """The zip's own refusals speak of workbooks to be imported."""
    try:
        yield
    except UnusableFile as error:
        raise _refused(error.code if error.code in _MESSAGES else "broken") from error


def _refused(code: str) -> UnusableFile:
    return UnusableFile(code, _MESSAGES[code])
