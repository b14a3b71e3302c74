"""The blank workbooks that offices fill in, one for each kind of import, made from the catalogues.

They are shipped in `import_templates/`; a test makes them again and compares byte by byte.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from registry.applications import catalogue as applications
from registry.enterprises import catalogue as enterprises
from registry.errors import NotFound
from registry.evidence.catalogue import IMPORTABLE, EvidenceKind
from registry.fields import Field
from registry.indicators import catalogue as indicators
from registry.industries.files import read_classes
from registry.recognitions import catalogue as recognitions
from registry.regions.files import read_divisions, read_zones
from registry.spreadsheets.blank_marks import VERSION
from registry.spreadsheets.blanks import write_blank

PROVINCE = "620000"
"""The province whose units stand in the dropdowns of the shipped files."""

_SMALLEST_CLASS = 4
_NAME = replace(enterprises.NAME, required=False, meaning="只作核对，不改动企业名称")
_COMMON = (
    "带 * 的列必填。表头可以调换次序，也可以删去不用的列，请不要改名。",
    "金额按表头的单位填写。没有发生填 0，不掌握留空；留空的单元格不改动系统中已有的内容。",
    "信用代码和各类代码已设为文本格式，请勿改成数字格式，否则末几位会丢失。",
    "上传后先核对，确认之前不写入。有错误的行会逐条列出位置和改法。",
)
_PROOFS = "佐证文件不在表中，导入后在系统中上传。"


@dataclass(frozen=True, slots=True, kw_only=True)
class Blank:
    """One kind of blank workbook."""

    kind: str
    title: str
    fields: tuple[Field, ...]
    notes: tuple[str, ...]
    group: str = ""
    """What it is listed under, with others."""

    @property
    def file_name(self) -> str:
        """What the file is called when it is downloaded."""
        return f"{self.title}导入模板.xlsx"


def _of_evidence(kind: EvidenceKind) -> Blank:
    labels = "、".join(kind.by_key[key].label for key in kind.identity)
    one = (
        f"每行一项，以统一社会信用代码和{labels}识别。" if labels else "每行一家企业，一家填一行。"
    )
    return Blank(
        kind=kind.key,
        title=kind.label,
        fields=kind.import_fields,
        notes=(f"{kind.help}{one}企业应已登记。", *_COMMON, _PROOFS),
        group="佐证",
    )


BLANKS: Mapping[str, Blank] = {
    blank.kind: blank
    for blank in (
        Blank(
            kind="enterprises",
            title="企业",
            fields=enterprises.FIELDS,
            notes=(
                "每行一家企业，以统一社会信用代码识别：未登记的新增，已登记的按所填内容更新。",
                *_COMMON,
                "所属区县、所属行业可从下拉列表选，也可直接填名称或代码。",
            ),
        ),
        Blank(
            kind="annual",
            title="年度指标",
            fields=(enterprises.USCC, _NAME, indicators.YEAR, *indicators.FIELDS),
            notes=(
                "每行一家企业一个年度，以统一社会信用代码和年度识别。企业应已登记。",
                *_COMMON,
                "研发费用占比、资产负债率、增长率等由系统计算，不必填写。",
                "已审核的年度不能再用导入改动，请先由审核单位退回。",
            ),
        ),
        Blank(
            kind="recognitions",
            title="称号",
            fields=(enterprises.USCC, _NAME, *recognitions.FIELDS),
            notes=(
                "每行一项称号，以统一社会信用代码、称号和有效期起识别。企业应已登记。",
                *_COMMON,
                "撤销、取消等终止事项请在系统中办理，不能用导入。",
            ),
        ),
        Blank(
            kind="applications",
            title="申报",
            fields=(enterprises.USCC, _NAME, *applications.IMPORT_FIELDS[2:]),
            notes=(
                "每行一家企业在一个批次中的申报。企业应已登记，年度指标和佐证在系统中填报。",
                *_COMMON,
                "写入后为填报中，须逐家核对后提交。不能申报的企业，原因写在该行。",
            ),
        ),
        *(_of_evidence(kind) for kind in IMPORTABLE.values()),
    )
}


def find_blank(kind: str) -> Blank:
    """Raises NotFound for a kind that is none."""
    if kind not in BLANKS:
        raise NotFound
    return BLANKS[kind]


def write(kind: str, target: Path | BinaryIO, province_code: str = PROVINCE) -> None:
    """Write the blank of a kind; its dropdowns hold the units of the province."""
    blank = find_blank(kind)
    write_blank(
        target,
        blank.kind,
        VERSION,
        blank.title,
        blank.fields,
        lists={
            "region_code": region_words(province_code),
            "industry_code": industry_words(),
            "title": [label for _, label in recognitions.TITLE_OPTIONS],
        },
        notes=blank.notes,
    )


def write_all(folder: Path) -> None:
    """Write every blank under the name it is shipped by."""
    folder.mkdir(parents=True, exist_ok=True)
    for kind in BLANKS:
        write(kind, folder / f"{kind}.xlsx")


def region_words(province_code: str) -> list[str]:
    """The units that firms belong to: 兰州市城关区, cities without counties, and zones."""
    divisions = [row for row in read_divisions() if row.code[:2] == province_code[:2]]
    words: list[str] = []
    for city in (row for row in divisions if row.level == 2):
        above = "" if city.is_placeholder else city.name
        counties = [row.name for row in divisions if row.parent_code == city.code]
        zones = [row.name for row in read_zones() if row.city_code == city.code]
        words += [above + name for name in counties or [""] if above + name]
        words += [above + name for name in zones]
    return words


def industry_words() -> list[str]:
    """The 小类: 3421 金属切削机床制造."""
    return [f"{row.code} {row.name}" for row in read_classes() if row.level == _SMALLEST_CLASS]
