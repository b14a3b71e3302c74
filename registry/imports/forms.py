"""Uploading a workbook, saying what its columns are, and confirming what was understood."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, HiddenField, RadioField, SelectField, TextAreaField
from wtforms.validators import Length

from registry import clock
from registry.errors import Invalid
from registry.forms import BaseForm, VersionedForm
from registry.imports.kinds import ImportKind
from registry.imports.planning import EMPTY_POLICIES
from registry.spreadsheets.headers import IGNORED, normalise

OLDEST = 10


class UploadForm(BaseForm):
    file = FileField("Excel 工作簿", validators=[FileRequired("请选择要导入的 .xlsx 文件")])
    year = SelectField("年度")
    round_id = SelectField("申报批次")
    submit_reports = BooleanField("写入后直接提交审核")
    token = HiddenField(validators=[Length(max=64)])

    def offer_years(self) -> None:
        """The years to choose from when the workbook has no year column."""
        last = clock.last_complete_year()
        years = {str(year): f"{year} 年度" for year in range(last + 1, last - OLDEST, -1)}
        self.year.choices = {"": "以表中“年度”列为准"} | years

    def offer_rounds(self, rounds: Iterable[tuple[int, str]]) -> None:
        """The rounds that are open; one chosen stands for the whole workbook."""
        named = {str(id_): name for id_, name in rounds}
        self.round_id.choices = {"": "以表中“申报批次”列为准"} | named

    @property
    def chosen_round(self) -> int | None:
        return int(self.round_id.data) if self.round_id.data else None

    @property
    def chosen_year(self) -> int | None:
        return int(self.year.data) if self.year.data else None


class OptionsForm(BaseForm):
    empty = RadioField("空单元格", choices=EMPTY_POLICIES)
    leaves_hidden = BooleanField("不读隐藏的行、列和工作表")
    submit_reports = BooleanField("写入后直接提交审核")


class ConfirmForm(VersionedForm):
    partly = BooleanField("只写入没有错误的行，其余保留 30 天")
    note = TextAreaField(
        "提醒说明", validators=[Length(max=500, message="说明最多 500 个字，请缩短")]
    )


class MapForm:
    """What a person says of the columns of a workbook: one select for each header."""

    @staticmethod
    def name(sheet: str, index: int) -> str:
        return f"column-{sheet}-{index}"

    @staticmethod
    def meanings(
        posted: Mapping[str, str], layouts: Iterable[Mapping[str, Any]], kind: ImportKind
    ) -> dict[str, str]:
        """Normalised header -> field key, or IGNORED, for every header that was answered.

        Raises Invalid when the same header was answered in two ways: the next workbook could not
        be told from this one.
        """
        known = {spec.key for spec in kind.fields}
        found: dict[str, str] = {}
        for layout in layouts:
            for column in layout["columns"]:
                answer = posted.get(MapForm.name(layout["name"], column["index"]))
                meaning = IGNORED if answer == "" else answer
                if meaning not in {*known, IGNORED}:
                    continue
                header = normalise(column["header"])
                if found.setdefault(header, meaning) != meaning:
                    raise Invalid(
                        f"表头“{column['header']}”不止一列，选了不同的含义。"
                        "请选成一样，或先在工作簿中改成不同的表头再上传。"
                    )
        return found
