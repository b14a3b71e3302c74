"""The parts of an .xlsx package that stand around the cells: sheets, formats, shared strings.

Read by streaming expat, not by openpyxl's loader: that one reads a sheet without <dimension> to its
end before the first row, takes string number −1 for the last one, and refuses honest WPS files for
an odd fill or border that no value depends on.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from xml.parsers import expat
from zipfile import ZipFile

from registry.errors import UnusableFile
from registry.spreadsheets.gate import Limits, new_parser, refusal
from registry.spreadsheets.number_formats import (
    GENERAL,
    NumberFormat,
    builtin_code,
    is_percent,
    is_scaled,
    number_format,
)

_CHUNK = 64 * 1024
_LONGEST_TEXT = 32_767
"""Characters Excel holds in a cell; a longer one was made by something else, and not for reading."""
MOST_PIECES = 64
"""Pieces one text may come in, none longer than a chunk: stops a text before all of it is held."""

_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_TRUE = {"1", "true", "on"}

StartHandler = Callable[[str, dict[str, str]], None]


@dataclass(frozen=True, slots=True)
class SheetPart:
    """A worksheet as listed by the workbook."""

    name: str
    hidden: bool
    part: str


@dataclass(slots=True)
class Package:
    """An open workbook: where its sheets are and what cell attributes point to."""

    archive: ZipFile
    sheets: list[SheetPart] = field(default_factory=list)
    formats: list[NumberFormat] = field(default_factory=list)
    date1904: bool = False
    texts_part: str = ""
    _texts: list[str] | None = None

    def texts(self) -> list[str]:
        """The shared strings, read when a cell first asks for one."""
        if self._texts is None:
            self._texts = []
            if self.texts_part:
                _read_strings(self, self._texts)
        return self._texts

    @property
    def telling_formats(self) -> frozenset[int]:
        """Numbers of the cell formats that change what a number means."""
        return frozenset(
            number
            for number, form in enumerate(self.formats)
            if is_percent(form.code) or is_scaled(form.code)
        )


def open_package(archive: ZipFile, limits: Limits) -> Package:
    """Read everything but the cells. Errors of malformed files are the caller's to translate."""
    package = Package(archive)
    parts = _part_names(archive)
    roots = _relations(archive, "", parts)
    workbook = next((part for kind, part in roots.values() if kind == "officeDocument"), None)
    if workbook is None:
        raise refusal("not_workbook")
    relations = _relations(archive, workbook, parts)
    _read_workbook(package, workbook, relations)
    if len(package.sheets) > limits.sheets:
        raise UnusableFile(
            "too_many_sheets",
            f"工作簿有 {len(package.sheets)} 张工作表，最多 {limits.sheets} 张，请删去无关的工作表",
        )
    for kind, part in relations.values():
        if kind == "styles" and part in parts.values():
            _read_formats(package, part)
        elif kind == "sharedStrings" and part in parts.values():
            package.texts_part = part
    return package


def stream(archive: ZipFile, part: str, parser: expat.XMLParserType) -> Iterator[None]:
    """Feed a part to a parser, pausing after each chunk so that the caller can take what is ready."""
    with archive.open(part) as source:
        while chunk := source.read(_CHUNK):
            parser.Parse(chunk, False)
            yield
        parser.Parse(b"", True)
        yield


def unescape(text: str) -> str:
    """`_x000D_` is how a workbook spells a character that XML cannot hold."""
    if "_x" not in text:
        return text
    plain = _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)
    # Two escaped halves make one character; a half on its own could not be stored.
    return plain.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def checked_text(pieces: list[str]) -> str:
    """The text of a string item; longer than any spreadsheet allows is refused."""
    text = "".join(pieces)
    if len(text) > _LONGEST_TEXT:
        raise refusal("unreadable")
    return unescape(text)


def _each_element(archive: ZipFile, part: str, handler: StartHandler) -> None:
    parser = new_parser()
    parser.StartElementHandler = lambda name, attributes: handler(
        name.rpartition(" ")[2], attributes
    )
    for _ in stream(archive, part, parser):
        pass


def _part_names(archive: ZipFile) -> dict[str, str]:
    """Part names as relations spell them (case aside) to the names in the zip."""
    return {name.replace("\\", "/").lower(): name for name in archive.namelist()}


def _relations(archive: ZipFile, source: str, parts: dict[str, str]) -> dict[str, tuple[str, str]]:
    """Relations of a part by id: (last word of the type, name of the target in the zip)."""
    folder, base = posixpath.split(source.replace("\\", "/"))
    relations: dict[str, tuple[str, str]] = {}

    def collect(name: str, attributes: dict[str, str]) -> None:
        if name == "Relationship" and attributes.get("TargetMode") != "External":
            target = attributes["Target"].replace("\\", "/")
            path = posixpath.normpath(posixpath.join("/" + folder, target)).lstrip("/")
            kind = attributes["Type"].rpartition("/")[2]
            relations[attributes["Id"]] = (kind, parts.get(path.lower(), path))

    listing = posixpath.join(folder, "_rels", f"{base}.rels").lower()
    _each_element(archive, parts[listing], collect)
    return relations


def _read_workbook(package: Package, workbook: str, relations: dict[str, tuple[str, str]]) -> None:
    def collect(name: str, attributes: dict[str, str]) -> None:
        if name == "workbookPr":
            package.date1904 = attributes.get("date1904", "").lower() in _TRUE
        elif name == "sheet":
            link = next((key for key in attributes if key.endswith(" id")), "")
            kind, part = relations[attributes[link]]
            if kind == "worksheet":
                hidden = attributes.get("state", "visible") != "visible"
                package.sheets.append(SheetPart(attributes["name"], hidden, part))

    _each_element(package.archive, workbook, collect)


def _read_formats(package: Package, part: str) -> None:
    codes: dict[str, str] = {}
    inside_cell_formats = False

    def collect(name: str, attributes: dict[str, str]) -> None:
        nonlocal inside_cell_formats
        if name == "numFmt" and "numFmtId" in attributes:
            codes.setdefault(attributes["numFmtId"], unescape(attributes.get("formatCode", "")))
        elif name in {"cellStyleXfs", "cellXfs", "cellStyles", "dxfs"}:
            inside_cell_formats = name == "cellXfs"
        elif name == "xf" and inside_cell_formats:
            number = attributes.get("numFmtId", "0")
            code = codes.get(number) or builtin_code(int(number))
            package.formats.append(number_format(code or GENERAL))

    _each_element(package.archive, part, collect)


def _read_strings(package: Package, texts: list[str]) -> None:
    content = _StringTable(texts)
    for _ in stream(package.archive, package.texts_part, content.parser):
        pass


class _StringTable:
    """Shared strings: the runs of rich text joined, phonetic readings (rPh) left out."""

    def __init__(self, strings: list[str]) -> None:
        self.parser = new_parser()
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._characters
        self._strings = strings
        self._pieces: list[str] = []
        self._collecting = False
        self._inside_phonetic = False

    def _start(self, name: str, _attributes: dict[str, str]) -> None:
        match name.rpartition(" ")[2]:
            case "t":
                self._collecting = not self._inside_phonetic
            case "si":
                self._pieces.clear()
            case "rPh":
                self._inside_phonetic = True

    def _end(self, name: str) -> None:
        match name.rpartition(" ")[2]:
            case "t":
                self._collecting = False
            case "si":
                self._strings.append(checked_text(self._pieces))
            case "rPh":
                self._inside_phonetic = False

    def _characters(self, data: str) -> None:
        if self._collecting:
            self._pieces.append(data)
            if len(self._pieces) > MOST_PIECES:
                raise refusal("unreadable")
