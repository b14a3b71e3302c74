"""The query bar of the lists, and the forms of a recognition."""

from __future__ import annotations

from datetime import date

from wtforms import DateField, SelectField, StringField
from wtforms.validators import Optional

from registry import clock
from registry.forms import BaseForm, ListQuery, NotedForm, form_class, typed_values
from registry.recognitions.catalogue import (
    DECISION_FIELDS,
    ENDING_FIELDS,
    FIELDS,
    PLAIN_FIELDS,
    EndGround,
    EndKind,
    Title,
)
from registry.recognitions.lifecycle import Ending
from registry.recognitions.queries import SORTS, RecognitionFilter, Standing

ALL = "all"
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2200, 1, 1)


class RecognitionQuery(ListQuery):
    """What a list of recognitions is asked for."""

    sorts = SORTS
    usual_sort = "-valid_from"

    title = SelectField(
        "称号",
        choices={"": "全部"} | {title.value: title.short_label for title in Title},
        validate_choice=False,
    )
    standing = SelectField(
        "状态",
        choices={word.value: word.label for word in Standing} | {ALL: "全部"},
        default=Standing.VALID.value,
        validate_choice=False,
    )
    as_of = DateField("截至日期", validators=[Optional()])
    document = StringField("批次或文号")

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

    def filter(self) -> RecognitionFilter:
        return RecognitionFilter(
            day=self.day,
            title=self.asked_title,
            standing=self.asked_standing,
            text=self.typed("q"),
            document=self.typed("document"),
        )


# A list to choose from shows each title once; the other words are for reading workbooks.
RecognitionForm = form_class("RecognitionForm", FIELDS, NotedForm)
EndForm = form_class("EndForm", PLAIN_FIELDS)
RevokeForm = form_class("RevokeForm", DECISION_FIELDS)


def read_ending(form: BaseForm) -> Ending:
    """What a valid EndForm or RevokeForm says."""
    values = typed_values(form, [spec for spec in ENDING_FIELDS if spec.key in form])
    ground = EndGround(str(values["end_ground"])) if values.get("end_ground") else None
    ended_on, until = values["ended_on"], values.get("ban_until")
    if not isinstance(ended_on, date):
        raise TypeError("the form requires a date")
    return Ending(
        kind=ground.kind if ground else EndKind(str(values["end_kind"])),
        ended_on=ended_on,
        reason=str(values["end_reason"] or ""),
        document_no=str(values["end_document_no"] or ""),
        ground=ground,
        ban_until=until if isinstance(until, date) else None,
    )
