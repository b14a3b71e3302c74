"""What is refused before anything reads a file as a workbook, each with a sentence on what to do.

The order matters: size, first bytes, the zip's own directory, the first element of every XML part,
and only then the content, piece by piece and never held. A bomb so costs less than an honest file.
What is met on the way (used rows, hidden ones, cells that need care) is reported to the readers.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple
from xml.parsers import expat
from zipfile import BadZipFile, ZipFile, ZipInfo

from registry.errors import UnusableFile
from registry.spreadsheets.foreign import foreign_kind
from registry.spreadsheets.refusals import (
    MB,
    Limits,
    new_parser,
    refusal,
    unreadable_on_error,
)
from registry.spreadsheets.scan import SheetPass
from registry.spreadsheets.sheet_record import Area, Budget, Care, Runs, SheetScan, column_letter
from registry.spreadsheets.unpacking import Parts, check_end, plain_name
from registry.spreadsheets.walking import MAIN

__all__ = [
    "SHARES",
    "Limits",
    "Notice",
    "WorkbookReport",
    "check_workbook",
    "new_parser",
    "refusal",
    "unreadable_on_error",
]

_ZIP = b"PK\x03\x04"
_PROGRAMS = (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", _ZIP, b"MZ", b"Rar!", b"7z\xbc\xaf", b"\x7fELF")
_XML_PART = re.compile(r"\.(xml|rels|vml)$", re.IGNORECASE)
_ENCODING = re.compile(rb"""^\s*<\?xml[^>]*?\sencoding\s*=\s*["']([^"'>]*)""")
_ENCODINGS = {b"utf-8", b"us-ascii", b"iso-8859-1", b"windows-1252"}
"""In all of them `<` is one byte that is part of no other character."""
_STRICT_NAMESPACE = "http://purl.oclc.org/ooxml/"
_LONGEST_HEAD = MB
_MOST_TAGS = 2_000_000
"""Tags in one part that is neither sheet nor texts; 65,000 styles, the most there can be, fit."""
_TEXTS = f"{MAIN} sst"
_READ = (MAIN, "http://schemas.openxmlformats.org/package/2006/")
"""Namespaces of the parts that readers look into."""
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


class Notice(NamedTuple):
    """Something the person should know although the file is read."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class WorkbookReport:
    """What the gate saw. Worksheets in the order of the zip, not of the workbook."""

    sheets: tuple[SheetScan, ...]
    notices: tuple[Notice, ...]


SHARES = (WorkbookReport, Notice, SheetScan, Area, Runs)
"""What a report is made of, for the sandbox to let through."""

_NOTICES = {
    "external_links": "文件引用了其他工作簿（外部链接），导入不会打开它们，只用文件里保存的结果",
    "connections": "文件含有外部数据连接，导入不会刷新，只用文件里保存的数据",
}


def check_workbook(
    path: Path, limits: Limits, care: Callable[[ZipFile], Care] | None = None
) -> WorkbookReport:
    """Raise UnusableFile unless `path` is an .xlsx that may be read; say what is in it.

    `care` is called once directory and heads are in order, and names the styles whose cells are
    to be marked in the report.
    """
    with open_gate(path, limits, care) as gate:
        scans = tuple(sheet.finish() for sheet in gate.sheets)
        return WorkbookReport(scans, tuple(gate.notices()))


@contextmanager
def open_gate(
    path: Path, limits: Limits, care: Callable[[ZipFile], Care] | None = None
) -> Iterator[Gate]:
    """The same, with everything checked but the cells; each sheet is still to be looked through."""
    size = path.stat().st_size
    _check_size(size, limits)
    with path.open("rb") as file:
        head = file.read(4096)
        if not head.startswith(_ZIP):
            raise refusal(foreign_kind(path, head))
        check_end(file, size, limits)
        try:
            archive = ZipFile(file)
        except (BadZipFile, OSError, ValueError, NotImplementedError, LookupError) as error:
            raise refusal("broken_zip") from error
        with archive:
            with unreadable_on_error():
                parts = Parts(file, archive, size, limits)
                _check_kind(archive, parts)
                gate = Gate(archive, parts, limits, care)
            yield gate


def _check_size(size: int, limits: Limits) -> None:
    if size == 0:
        raise refusal("empty_file")
    if size > limits.file_bytes:
        most = limits.file_bytes // MB
        raise UnusableFile(
            "too_big",
            f"文件 {size / MB:.1f} MB，超过上限 {most} MB，请删去图片和无关工作表，或分成几个文件上传",
        )


def _check_kind(archive: ZipFile, parts: Parts) -> None:
    entries = {plain_name(entry): entry for entry in parts.entries}
    if any(name.endswith("vbaproject.bin") or "/macrosheets/" in name for name in entries):
        raise refusal("macro")
    if "xl/workbook.bin" in entries:
        raise refusal("xlsb")
    if "mimetype" in entries:
        declared = b"".join(parts.inflate(entries["mimetype"]))[:100]
        raise refusal("ods" if b"opendocument.spreadsheet" in declared else "not_workbook")
    types = entries.get("[content_types].xml")
    if types is None or any(name.startswith("word/") for name in entries):
        raise refusal("not_workbook")
    # The last part of a content type decides what a program takes a part for, not its name.
    listing = b"".join(parts.inflate(types)).lower() if types.file_size < MB else b""
    if b"vbaproject" in listing or b"macrosheet+" in listing:
        raise refusal("macro")
    if any(name.startswith("xl/activex/") for name in entries):
        raise refusal("active_content")
    if any(name.startswith("xl/embeddings/") for name in entries):
        raise refusal("embedded")


class Gate:
    """The parts of a workbook whose directory is in order, looked through one after another."""

    def __init__(
        self,
        archive: ZipFile,
        parts: Parts,
        limits: Limits,
        care: Callable[[ZipFile], Care] | None,
    ) -> None:
        self.archive = archive
        self._parts, self._limits = parts, limits
        self._roots: dict[str, str] = {}
        for entry in parts.entries:
            self._check_head(entry)
        worksheet = f"{MAIN} worksheet"
        sheets = [entry for entry in parts.entries if self._roots.get(entry.filename) == worksheet]
        if len(sheets) > limits.sheets:
            raise UnusableFile(
                "too_many_sheets",
                f"工作簿有 {len(sheets)} 张工作表，最多 {limits.sheets} 张，请删去无关的工作表",
            )
        for entry in parts.entries:
            root = self._roots.get(entry.filename)
            if root is not None and root != worksheet:
                self._measure(entry, root)
        asked = care(archive) if care else Care()
        budget = Budget(limits)
        names = self._sheet_names()
        self.sheets = [self._pass(entry, names, budget, asked) for entry in sheets]

    def sheet(self, part: str) -> SheetPass | None:
        """The worksheet of a part name as the zip spells it."""
        return next((sheet for sheet in self.sheets if sheet.scan.part == part), None)

    def notices(self) -> list[Notice]:
        """What there is to say by now; how far a sheet reaches is known once it is done."""
        names = [plain_name(entry) for entry in self._parts.entries]
        kinds = {
            "external_links": any(name.startswith("xl/externallinks/") for name in names),
            "connections": any(
                name.startswith(("xl/connections", "xl/querytables/", "xl/model/"))
                for name in names
            ),
        }
        notices = [Notice(code, _NOTICES[code]) for code, found in kinds.items() if found]
        scans = [sheet.scan for sheet in self.sheets if sheet.is_done]
        return notices + [_extent(scan) for scan in scans if _is_overstated(scan)]

    def _check_head(self, entry: ZipInfo) -> None:
        """Note the first element of an XML part; refuse what no part may be or start with."""
        pieces = self._parts.inflate(entry)
        head = next(pieces, b"")
        if head.startswith(_PROGRAMS):
            raise refusal("embedded")
        text = head.removeprefix(b"\xef\xbb\xbf")
        if not _XML_PART.search(entry.filename) and not text.lstrip().startswith(b"<"):
            return
        declared = _ENCODING.search(text[:1024])
        is_odd = b"\0" in text[:4] or (
            declared is not None and declared[1].lower() not in _ENCODINGS
        )
        root = _Root()
        while head and not root.read(head):
            if root.size > _LONGEST_HEAD:
                raise refusal("too_complex")
            head = next(pieces, b"")
        # Office writes notes of its own in UTF-16; what is read must be readable as bytes.
        if is_odd and (not root.name or root.name.startswith(_READ)):
            raise refusal("encoding")
        self._roots[entry.filename] = root.name

    def _measure(self, entry: ZipInfo, root: str) -> None:
        """Inflate a part for its true size, and see that it holds no endless text or list."""
        tags = 0
        for piece in self._parts.inflate(entry):
            found = piece.count(b"<")
            tags += found
            if not found and len(piece) > MB // 2:
                raise refusal("too_complex")
        if root != _TEXTS and tags > _MOST_TAGS:
            raise refusal("too_complex")

    def _pass(self, entry: ZipInfo, names: dict[str, str], budget: Budget, care: Care) -> SheetPass:
        name = names.get(plain_name(entry)) or posixpath.basename(plain_name(entry))
        return SheetPass(entry.filename, name, lambda: self._parts.inflate(entry), budget, care)

    def _sheet_names(self) -> dict[str, str]:
        """Names of worksheets by plain part name, for sentences; wrong links are the reader's."""
        entries = {plain_name(entry): entry for entry in self._parts.entries}
        for part, entry in entries.items():
            if self._roots.get(entry.filename) != f"{MAIN} workbook":
                continue
            folder, base = posixpath.split(part)
            listing = entries.get(f"{folder}/_rels/{base}.rels")
            if listing is None:
                return {}
            ids = dict(self._attributes(entry, "sheet", f"{_OFFICE} id", "name"))
            targets = self._attributes(listing, "Relationship", "Id", "Target")
            return {
                posixpath.normpath(posixpath.join("/" + folder, target)).lower().lstrip("/"): ids[
                    key
                ]
                for key, target in targets
                if key in ids
            }
        return {}

    def _attributes(
        self, entry: ZipInfo, element: str, key: str, value: str
    ) -> list[tuple[str, str]]:
        """Two attributes of every element of one name in a part."""
        found: list[tuple[str, str]] = []

        def collect(name: str, attributes: dict[str, str]) -> None:
            if name.endswith(f" {element}") and key in attributes:
                found.append((attributes[key], attributes.get(value, "")))

        parser = new_parser()
        parser.StartElementHandler = collect
        for piece in self._parts.inflate(entry):
            parser.Parse(piece, False)
        return found


def _is_overstated(scan: SheetScan) -> bool:
    """Whether a sheet says it reaches far beyond what it holds."""
    return scan.declared is not None and scan.declared.size > max(1_000_000, 100 * scan.area)


def _extent(scan: SheetScan) -> Notice:
    declared = scan.declared
    corner = f"{column_letter(declared.last_column)}{declared.last_row}" if declared else ""
    return Notice(
        "extent",
        f"工作表“{scan.name}”声明用到 {corner}，实际只有 {scan.last_row} 行、{scan.columns} 列，"
        "按实际内容读取",
    )


class _Root:
    """Finds the first element of a part, refusing document types and Strict OOXML."""

    def __init__(self) -> None:
        self.name = ""
        self.size = 0
        self._parser = new_parser()
        self._parser.StartElementHandler = self._start

    def read(self, piece: bytes) -> bool:
        """Whether the first element has been seen, or never will."""
        for at in range(0, len(piece), 2048):
            self.size += 2048
            try:
                self._parser.Parse(piece[at : at + 2048], False)
            except (expat.ExpatError, ValueError, LookupError):
                # Drawings are often not well-formed and never read; a part that is read and
                # broken is reported when it is read.
                if b"<!DOCTYPE" in piece:
                    raise refusal("dtd") from None
                return True
            if self.name or self.size > _LONGEST_HEAD:
                return bool(self.name)
        return False

    def _start(self, name: str, _attributes: dict[str, str]) -> None:
        if name.startswith(_STRICT_NAMESPACE):
            raise refusal("strict")
        self.name = self.name or name
