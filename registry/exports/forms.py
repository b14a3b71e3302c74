"""What the export page lets one choose. The answers are addresses, so they carry no token."""

from __future__ import annotations

from collections.abc import Sequence

from wtforms import BooleanField, Form, SelectField, StringField

from registry.enterprises.models import EnterpriseStatus
from registry.recognitions.catalogue import Title
from registry.recognitions.forms import ALL
from registry.recognitions.queries import Standing
from registry.registers.filtering import ANY_TITLE, NO_TITLE, Reporting

_ALL = {"": "全部"}
_TITLES = {title.value: title.short_label for title in Title}
_ABOVE_SCALE = _ALL | {"yes": "规上", "no": "非规上"}
_STATES = {word.value: word.label for word in Reporting if word is not Reporting.MISSING}


class EnterpriseOptions(Form):
    """企业名单."""

    region = StringField("地区", id="enterprises-region")
    title = SelectField(
        "称号",
        choices=_ALL | _TITLES | {ANY_TITLE: "持有任一称号", NO_TITLE: "无称号"},
        id="enterprises-title",
    )
    status = SelectField(
        "状态",
        choices=_ALL | {word.value: word.label for word in EnterpriseStatus},
        default=EnterpriseStatus.ACTIVE.value,
        id="enterprises-status",
    )
    above_scale = SelectField("规上", choices=_ABOVE_SCALE, id="enterprises-above-scale")
    contact = BooleanField("含联系方式", id="enterprises-contact")


class AnnualOptions(Form):
    """年度指标."""

    year = SelectField("年度", id="annual-year")
    region = StringField("地区", id="annual-region")
    report = SelectField(
        "填报状态",
        choices=_ALL | _STATES,
        id="annual-report",
    )
    above_scale = SelectField("规上", choices=_ABOVE_SCALE, id="annual-above-scale")

    def offer(self, years: Sequence[int], chosen: int) -> None:
        """The years that have reports; the last complete one is chosen."""
        self.year.choices = {str(year): f"{year}年度" for year in years} | _ALL
        self.year.data = str(chosen if chosen in years else years[0]) if years else ""


class RecognitionOptions(Form):
    """称号名单."""

    region = StringField("地区", id="recognitions-region")
    title = SelectField("称号", choices=_ALL | _TITLES, id="recognitions-title")
    standing = SelectField(
        "状态",
        choices={word.value: word.label for word in Standing} | {ALL: "全部"},
        id="recognitions-standing",
    )
