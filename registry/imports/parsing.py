"""From a workbook to rows of readings: which columns are which, and what each cell means."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from registry.errors import UnusableFile
from registry.fields import Reading, Value
from registry.imports.findings import Finding, Severity
from registry.imports.kinds import ImportKind
from registry.spreadsheets.blanks import GUIDE_SHEET, LIST_SHEET, MARK_SHEET, read_version
from registry.spreadsheets.cells import read_cell
from registry.spreadsheets.gate import Limits
from registry.spreadsheets.headers import Header, find_header
from registry.spreadsheets.reader import CellKind, Row, Sheet, read_workbook


@dataclass(slots=True)
class InputRow:
    """A row of the workbook (or of a staged batch): what was read, by catalogue key."""

    sheet: str
    row: int
    readings: dict[str, Reading]
    letters: Mapping[str, str] = field(default_factory=dict)

    def value(self, key: str) -> Value | None:
        reading = self.readings.get(key)
        return reading.value if reading is not None else None

    def values(self) -> dict[str, Value | None]:
        """The cells that say something: an empty one leaves what is stored."""
        return {key: item.value for key, item in self.readings.items() if item.value is not None}

    def finding(
        self, severity: Severity, code: str, message: str, key: str | None = None
    ) -> Finding:
        letter = self.letters.get(key) if key else None
        return Finding(
            severity=severity,
            code=code,
            message=message,
            sheet=self.sheet,
            row=self.row,
            column=letter,
        )

    def problems(self) -> list[Finding]:
        """Cells that could not be read, and those that were read as something else."""
        found = []
        for key, reading in self.readings.items():
            if reading.problem is not None:
                found.append(self.finding(Severity.ERROR, "cell", reading.problem, key))
            elif reading.read_as is not None:
                found.append(self.finding(Severity.NOTICE, "read_as", reading.read_as, key))
        return found


@dataclass(slots=True)
class ReadFile:
    """What a workbook holds for one kind of import."""

    rows: list[InputRow]
    findings: list[Finding]
    keys: frozenset[str]
    """The fields that have a column."""


def read_file(path: Path, kind: ImportKind, limits: Limits) -> ReadFile:
    """Read every sheet that has the columns of `kind`.

    Raises UnusableFile when the file cannot be opened or has no such sheet.
    """
    _refuse_other_blank(path, kind)
    rows: list[InputRow] = []
    findings: list[Finding] = []
    keys: set[str] = set()
    with read_workbook(path, limits) as workbook:
        for sheet in workbook.sheets:
            header = None if _is_ours_to_skip(sheet) else _header_of(sheet, kind)
            if header is None:
                continue
            keys |= {column.field_key for column in header.field_columns() if column.field_key}
            findings += _header_findings(sheet, header, kind)
            rows.extend(_rows(sheet, header, kind))
    if not keys:
        raise UnusableFile(
            "no_header",
            f"没有找到{kind.label}的表头。请下载{kind.label}导入模板，或保证表头在前 30 行内，"
            "且至少有“统一社会信用代码”等两列",
        )
    _refuse_missing(keys, kind)
    if not rows:
        raise UnusableFile("no_rows", "表头下面没有数据行，请填写后重新上传")
    return ReadFile(rows, findings, frozenset(keys))


def _refuse_other_blank(path: Path, kind: ImportKind) -> None:
    version = read_version(path)
    if version is not None and version[0] != kind.key:
        raise UnusableFile(
            "other_kind", f"这是其他种类的导入模板，不能用于{kind.label}导入，请换用对应的模板"
        )


def _refuse_missing(keys: set[str], kind: ImportKind) -> None:
    missing = [
        spec.label for spec in kind.fields if spec.key in kind.required and spec.key not in keys
    ]
    if missing:
        names = "、".join(f"“{name}”" for name in missing)
        raise UnusableFile("missing_column", f"缺少必需的列{names}，请补上后重新上传")


def _is_ours_to_skip(sheet: Sheet) -> bool:
    return sheet.name in {MARK_SHEET, LIST_SHEET, GUIDE_SHEET}


def _header_of(sheet: Sheet, kind: ImportKind) -> Header | None:
    header = find_header(sheet.rows(), kind.fields, kind.computed)
    if header is None:
        return None
    known = {column.field_key for column in header.field_columns()}
    # A sheet without the key is some other table of the workbook, unless it is the only one.
    return header if known & {"uscc", "name"} else None


def _header_findings(sheet: Sheet, header: Header, kind: ImportKind) -> Iterator[Finding]:
    for letter, sentence in header.problems:
        yield Finding(
            severity=Severity.ERROR,
            code="header",
            message=sentence,
            sheet=sheet.name,
            row=header.row_number,
            column=letter,
        )
    broken = {letter for letter, _ in header.problems}
    for column in header.ignored():
        if column.letter in broken:
            continue
        why = (
            "由系统计算或不在本表填报" if column.known_as == "computed" else f"不是{kind.label}的列"
        )
        yield Finding(
            severity=Severity.WARNING,
            code="ignored_column",
            message=f"“{column.text}”{why}，已忽略",
            sheet=sheet.name,
            row=header.row_number,
            column=column.letter,
        )


def _rows(sheet: Sheet, header: Header, kind: ImportKind) -> Iterator[InputRow]:
    specs = {spec.key: spec for spec in kind.fields}
    columns = [
        (column, specs[column.field_key]) for column in header.field_columns() if column.field_key
    ]
    letters = {spec.key: column.letter for column, spec in columns}
    indexes = [column.index for column, _ in columns]
    for row in sheet.rows():
        if row.number <= header.row_number or _is_blank(row, indexes):
            continue
        readings = {
            spec.key: read_cell(spec, row.cell(column.index), column.unit)
            for column, spec in columns
        }
        yield InputRow(sheet.name, row.number, readings, letters)


def _is_blank(row: Row, indexes: list[int]) -> bool:
    return all(row.cell(index).kind is CellKind.EMPTY for index in indexes)
