"""A yearly report as it is typed, its review, and the query bar over the reports."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any, cast

from wtforms import HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from registry import clock
from registry.fields import Value
from registry.forms import BaseForm, ListQuery, VersionedForm, form_class, typed_values
from registry.indicators.catalogue import FIELDS, REQUIRED_KEYS
from registry.indicators.models import AnnualReport, figures_of
from registry.indicators.queries import SORTS, ReportFilter
from registry.indicators.workflow import CONFIRMED, COUNTED, Action, ReportStatus

OLDEST_OFFERED = 5
FIRST_YEAR = 1990
COUNTED_WORD = "counted"
REVIEWED_WORD = "reviewed"
SEVERAL = {COUNTED_WORD: COUNTED, REVIEWED_WORD: CONFIRMED}
"""Words of an address for several states at once: behind sums, and behind confirmed sums."""


class _Figures(VersionedForm):
    """A draft may leave required figures empty, so they are only marked as such."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for key in REQUIRED_KEYS:
            self[key].flags.required = True


_FigureForm = form_class(
    "_FigureForm", [replace(spec, required=False) for spec in FIELDS], _Figures
)
# Made after the figures, so that errors are told in the order of the page.
_NOTE = TextAreaField(
    "情况说明", validators=[Length(max=1000, message="情况说明最多 1000 个字，请缩短")]
)
ReportForm = cast("type[VersionedForm]", type("ReportForm", (_FigureForm,), {"note": _NOTE}))


def report_data(report: AnnualReport | None) -> dict[str, Any]:
    """What the form starts with; version 0 stands for a report that is not there yet."""
    if report is None:
        return {"version": 0}
    return {**figures_of(report), "note": report.note, "version": report.version}


def readable_figures(form: VersionedForm) -> dict[str, Value | None]:
    """The figures of the fields that could be read; the others keep what is stored."""
    return {key: value for key, value in typed_values(form, FIELDS).items() if not form[key].errors}


def offered_years() -> list[int]:
    """The accounting years a page offers for filling in, the latest first."""
    last = clock.last_complete_year()
    return list(range(last, last - OLDEST_OFFERED, -1))


def is_plausible_year(year: int) -> bool:
    """Whether figures of that year can exist: not before `FIRST_YEAR`, not of a year to come."""
    return FIRST_YEAR <= year <= clock.today().year


PHRASES = (
    "数据与审计报告不符，请核对",
    "研发费用归集口径有误，请核对",
    "较上年变动较大，请补充说明",
    "单位有误，请按万元填写",
)


class ReviewForm(BaseForm):
    """审核通过 or 退回 of one report or of many, given as `id:version` each."""

    action = RadioField(
        "审核结论",
        choices={Action.CONFIRM.value: "审核通过", Action.RETURN.value: "退回"},
        validators=[InputRequired("请选择审核通过或退回")],
    )
    phrase = SelectField(
        "常用意见", choices={"": "请选择"} | {text: text for text in PHRASES}, default=""
    )
    reason = TextAreaField(
        "审核意见", validators=[Length(max=500, message="审核意见最多 500 个字，请缩短")]
    )
    then = HiddenField()
    """`next` opens the next report that waits, `list` goes back to the list."""

    @property
    def chosen(self) -> Action:
        return Action(str(self.action.data))

    @property
    def opinion(self) -> str:
        """The phrase picked and what was typed, as one text."""
        words = [text.strip() for text in (self.phrase.data, self.reason.data) if text]
        return "。".join(word.rstrip("。") for word in words if word)


class ReportQuery(ListQuery):
    """What the list of reports is asked for."""

    sorts = SORTS
    usual_sort = "region"

    year = SelectField("年度", validate_choice=False)
    status = StringField("状态")

    def offer_years(self, years: Collection[int]) -> None:
        found = sorted({*years, *offered_years()}, reverse=True)
        self.year.choices = {"": "全部年度"} | {str(n): f"{n}年度" for n in found}

    @property
    def asked_year(self) -> int | None:
        text = self.year.data or ""
        year = int(text) if text.isdecimal() and len(text) == 4 else 0
        return year if FIRST_YEAR <= year <= clock.today().year + 1 else None

    @property
    def asked_statuses(self) -> frozenset[ReportStatus] | None:
        """None for every status."""
        word = self.status.data or ""
        if word in SEVERAL:
            return SEVERAL[word]
        return frozenset({ReportStatus(word)}) if word in set(ReportStatus) else None

    def filter(self) -> ReportFilter:
        return ReportFilter(
            year=self.asked_year, statuses=self.asked_statuses, text=self.typed("q")
        )
