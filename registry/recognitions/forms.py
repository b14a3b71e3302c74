"""The query bar of the lists, and the forms of a recognition."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from wtforms import DateField, Form, SelectField, StringField, TextAreaField
from wtforms.validators import Length, Optional

from registry import clock
from registry.fields import Value
from registry.forms import VersionedForm, form_class, typed_values
from registry.recognitions.catalogue import (
    ENDING_FIELDS,
    FIELDS,
    EndKind,
    Title,
)
from registry.recognitions.queries import SORTS, RecognitionFilter, Standing
from registry.units import fold

ALL = "all"
DEFAULT_SORT = "-valid_from"
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2200, 1, 1)
LONGEST_TEXT = 60


def _typed(text: str | None) -> str:
    """What was typed, half-width and without control characters (PostgreSQL refuses NUL)."""
    folded = fold((text or "")[:LONGEST_TEXT])
    return "".join(char for char in folded if char.isprintable())


class RecognitionQuery(Form):
    """What a list of recognitions is asked for. It is read from the address, without a token."""

    q = StringField("企业")
    title = SelectField(
        "称号",
        choices={"": "全部"} | {title.value: title.short_label for title in Title},
        validate_choice=False,
    )
    region = StringField("地区", render_kw={"placeholder": "名称、代码或拼音"})
    standing = SelectField(
        "状态",
        choices={word.value: word.label for word in Standing} | {ALL: "全部"},
        default=Standing.VALID.value,
        validate_choice=False,
    )
    as_of = DateField("截至日期", validators=[Optional()])
    document = StringField("批次或文号")
    sort = StringField("排序")

    @property
    def day(self) -> date:
        """The day the list is seen from; today when none or a senseless one is given."""
        day = self.as_of.data
        return day if day is not None and FIRST_DAY <= day <= LAST_DAY else clock.today()

    @property
    def asked_title(self) -> Title | None:
        return Title(self.title.data) if self.title.data in set(Title) else None

    @property
    def asked_standing(self) -> Standing | None:
        """None for every standing; a word that is none counts as 有效."""
        if self.standing.data == ALL:
            return None
        known = self.standing.data in set(Standing)
        return Standing(self.standing.data) if known else Standing.VALID

    @property
    def asked_region(self) -> str:
        return _typed(self.region.data)

    @property
    def asked_sort(self) -> str:
        text = self.sort.data or ""
        return text if text.removeprefix("-") in SORTS else DEFAULT_SORT

    def filter(self) -> RecognitionFilter:
        return RecognitionFilter(
            day=self.day,
            title=self.asked_title,
            standing=self.asked_standing,
            text=_typed(self.q.data),
            document=_typed(self.document.data),
        )


class _NotedForm(VersionedForm):
    """Warnings are confirmed by saying why the values are right all the same."""

    note = TextAreaField(
        "情况说明", validators=[Length(max=500, message="说明最多 500 个字，请缩短")]
    )


# A list to choose from shows each title once; the other words are for reading workbooks.
RecognitionForm = form_class("RecognitionForm", FIELDS, _NotedForm)
EndForm = form_class("EndForm", ENDING_FIELDS)


def recognition_values(form: VersionedForm) -> dict[str, Value | None]:
    """The catalogue values of a valid RecognitionForm."""
    return typed_values(form, FIELDS)


def ending_values(form: VersionedForm) -> tuple[EndKind, date, str, str]:
    """(kind, day, reason, document number) of a valid EndForm."""
    values: Mapping[str, Value | None] = typed_values(form, ENDING_FIELDS)
    ended_on = values["ended_on"]
    if not isinstance(ended_on, date):
        raise TypeError("the form requires a date")
    return (
        EndKind(str(values["end_kind"])),
        ended_on,
        str(values["end_reason"] or ""),
        str(values["end_document_no"] or ""),
    )
