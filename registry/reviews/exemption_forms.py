"""What an exemption is asked for with, and the query bar over them."""

from __future__ import annotations

from collections.abc import Mapping

from wtforms import DateField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from registry.forms import BaseForm, ListQuery
from registry.reviews.exemptions import ExemptionDraft
from registry.reviews.models import ExemptionState


class ExemptionForm(BaseForm):
    """申请豁免."""

    clause = SelectField("条款", validators=[InputRequired("请选择条款")])
    reason = TextAreaField(
        "豁免理由",
        validators=[
            InputRequired("请填写豁免理由"),
            Length(max=1000, message="豁免理由最多 1000 个字，请缩短"),
        ],
    )
    document_no = StringField(
        "依据文号",
        validators=[Length(max=80, message="依据文号最多 80 个字，请缩短")],
        description="没有文件的留空",
    )
    ends_on = DateField("有效期止", validators=[InputRequired("请填写有效期止")])

    def offer(self, failed: Mapping[str, str]) -> None:
        """The clauses that are not met."""
        self.clause.choices = {"": "请选择"} | dict(failed)

    def draft(self) -> ExemptionDraft:
        if self.ends_on.data is None:
            raise TypeError("the form requires a date")
        return ExemptionDraft(
            clause=str(self.clause.data),
            reason=self.reason.data or "",
            document_no=self.document_no.data or "",
            ends_on=self.ends_on.data,
        )


class ExemptionQuery(ListQuery):
    """What the list of exemptions is asked for."""

    sorts = ("id",)
    usual_sort = "id"

    state = SelectField(
        "状态",
        choices={"": "全部"} | {state.value: state.label for state in ExemptionState},
        validate_choice=False,
    )

    @property
    def asked_state(self) -> ExemptionState | None:
        return ExemptionState(self.state.data) if self.state.data in set(ExemptionState) else None
