"""Uploading a workbook and confirming what was understood."""

from __future__ import annotations

from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, SelectField, TextAreaField
from wtforms.validators import Length

from registry import clock
from registry.forms import BaseForm, VersionedForm

OLDEST = 10


class UploadForm(BaseForm):
    file = FileField("Excel 工作簿", validators=[FileRequired("请选择要导入的 .xlsx 文件")])
    year = SelectField("年度")

    def offer_years(self) -> None:
        """The years to choose from when the workbook has no year column."""
        last = clock.last_complete_year()
        years = {str(year): f"{year} 年度" for year in range(last + 1, last - OLDEST, -1)}
        self.year.choices = {"": "以表中“年度”列为准"} | years

    @property
    def chosen_year(self) -> int | None:
        return int(self.year.data) if self.year.data else None


class ConfirmForm(VersionedForm):
    submit_reports = BooleanField("写入后直接提交审核")
    note = TextAreaField(
        "提醒说明", validators=[Length(max=500, message="说明最多 500 个字，请缩短")]
    )
