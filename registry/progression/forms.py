"""The region of both pages, and the draft that somebody sends."""

from __future__ import annotations

from flask_wtf.file import FileField
from wtforms import Form, SelectField, StringField

from registry.forms import BaseForm
from registry.policy.clauses import RoundKind
from registry.policy.wording import KIND_WORDS


class RegionQuery(Form):
    region = StringField("地区", render_kw={"placeholder": "名称、代码或拼音"})


class DraftForm(BaseForm):
    file = FileField("草案文件")
    kind = SelectField(
        "类别", choices={kind.value: KIND_WORDS[kind] for kind in RoundKind}, validate_choice=False
    )
