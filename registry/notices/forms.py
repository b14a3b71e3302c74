"""The forms of a notice, an objection and an announcement."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date

from wtforms import TextAreaField
from wtforms.validators import InputRequired, Length

from registry.errors import Conflict
from registry.fields import Value
from registry.forms import BaseForm, VersionedForm, form_class, typed_values
from registry.notices.announcing import AnnouncementDraft
from registry.notices.catalogue import (
    ANNOUNCEMENT_FIELDS,
    HANDLING_FIELDS,
    NOTICE_FIELDS,
    NOTICE_TEXT,
    OBJECTION_FIELDS,
    Result,
)
from registry.notices.objections import ObjectionDraft
from registry.notices.services import NoticeDraft, Seen
from registry.seen import is_row_number


def _long_text(label: str, most: int, *required: InputRequired) -> TextAreaField:
    limit = Length(max=most, message=f"{label}最多 {most} 个字，请缩短")
    return TextAreaField(label, validators=[*required, limit])


class _NoticeText(BaseForm):
    text = _long_text(NOTICE_TEXT.label, NOTICE_TEXT.max_length)


class _Content(BaseForm):
    content = _long_text("异议内容", 2000, InputRequired("请填写异议内容"))


class _Handling(VersionedForm):
    handling = _long_text("处理情况", 2000, InputRequired("请填写处理情况"))


NoticeForm = form_class("NoticeForm", NOTICE_FIELDS, _NoticeText)
ObjectionForm = form_class("ObjectionForm", OBJECTION_FIELDS, _Content)
HandlingForm = form_class("HandlingForm", HANDLING_FIELDS, _Handling)
AnnouncementForm = form_class("AnnouncementForm", ANNOUNCEMENT_FIELDS, VersionedForm)


def read_notice(form: BaseForm) -> NoticeDraft:
    """The notice of a valid form."""
    values = typed_values(form, NOTICE_FIELDS)
    days = values["working_days"]
    return NoticeDraft(
        name=str(values["name"]),
        text=form["text"].data or "",
        first_on=_day(values, "first_on"),
        working_days=days if isinstance(days, int) else 0,
    )


def read_objection(form: BaseForm) -> ObjectionDraft:
    values = typed_values(form, OBJECTION_FIELDS)
    return ObjectionDraft(
        received_on=_day(values, "received_on"),
        objector=str(values["objector"] or ""),
        content=form["content"].data or "",
    )


def read_result(form: BaseForm) -> tuple[Result, str]:
    """(result, how it was looked into)."""
    values = typed_values(form, HANDLING_FIELDS)
    return Result(str(values["result"])), form["handling"].data or ""


def read_announcement(form: BaseForm) -> AnnouncementDraft:
    values = typed_values(form, ANNOUNCEMENT_FIELDS)
    return AnnouncementDraft(
        document_no=str(values["document_no"]),
        announced_on=_day(values, "announced_on"),
        batch=str(values["batch"]),
        valid_from=_day(values, "valid_from"),
        valid_to=_day(values, "valid_to") if values["valid_to"] else None,
    )


def read_cases(texts: Collection[str]) -> list[Seen]:
    """(id, version seen) of each `id:version`. Raises Conflict for nonsense."""
    seen = []
    for text in texts:
        case, _, version = text.partition(":")
        if not (is_row_number(case) and is_row_number(version)):
            raise Conflict("勾选的内容无法识别，请刷新页面后重新勾选。")
        seen.append((int(case), int(version)))
    return seen


def _day(values: Mapping[str, Value | None], key: str) -> date:
    day = values[key]
    if not isinstance(day, date):
        raise TypeError("the form requires a date")
    return day
