"""The form of a bulletin."""

from __future__ import annotations

from datetime import date

from wtforms import BooleanField, TextAreaField
from wtforms.validators import InputRequired, Length

from registry.bulletins.catalogue import EVERYBODY, FIELDS, PINNED, TEXT
from registry.bulletins.services import BulletinDraft
from registry.forms import BaseForm, VersionedForm, form_class, typed_values
from registry.permissions import Role


class _Rest(VersionedForm):
    is_pinned = BooleanField(PINNED.label)
    text = TextAreaField(
        TEXT.label,
        validators=[
            InputRequired("请填写正文"),
            Length(max=TEXT.max_length, message=f"正文最多 {TEXT.max_length} 个字，请缩短"),
        ],
    )


BulletinForm = form_class("BulletinForm", FIELDS, _Rest)


def read_draft(form: BaseForm) -> BulletinDraft:
    """The bulletin of a valid form."""
    values = typed_values(form, FIELDS)
    until = values["valid_until"]
    return BulletinDraft(
        title=str(values["title"]),
        text=form["text"].data or "",
        role=None if values["role"] == EVERYBODY else Role(str(values["role"])),
        is_pinned=bool(form["is_pinned"].data),
        valid_until=until if isinstance(until, date) else None,
    )
