"""A report, a decision and a request for transfer as they are typed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from wtforms import DateField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from registry.changes.catalogue import CONTENT, REPORT_FIELDS, TRANSFER_FIELDS, ChangeKind
from registry.changes.services import GROUNDS, Cancellation, ReportDraft
from registry.changes.workflow import DECISIONS, Action, Transition
from registry.errors import Conflict
from registry.forms import BaseForm, ReasonForm, VersionedForm, form_class, typed_values
from registry.recognitions.catalogue import EndGround
from registry.recognitions.models import Recognition
from registry.reviews.forms import PartsField
from registry.seen import read_seen

_NUMBER = Length(max=80, message="文号最多 80 个字，请缩短")


class _Content(VersionedForm):
    content = TextAreaField(
        CONTENT.label,
        validators=[
            InputRequired("请填写变化情况"),
            Length(max=CONTENT.max_length, message="变化情况最多 2000 个字，请缩短"),
        ],
    )


ReportForm = form_class("ReportForm", REPORT_FIELDS, _Content)
TransferForm = form_class("TransferForm", TRANSFER_FIELDS, ReasonForm)


def read_report(form: BaseForm) -> ReportDraft:
    """The report of a valid form."""
    values = typed_values(form, REPORT_FIELDS)
    changed_on = values["changed_on"]
    if not isinstance(changed_on, date):
        raise TypeError("the form requires a date")
    return ReportDraft(
        kind=ChangeKind(str(values["kind"])),
        changed_on=changed_on,
        content=form["content"].data or "",
        document_no=str(values["document_no"] or ""),
    )


class DecisionForm(VersionedForm):
    """The conclusion on a report; what a 取消 names besides."""

    choice = RadioField("结论", validators=[InputRequired("请选择结论")])
    opinion = TextAreaField(
        "意见",
        validators=[
            InputRequired("请填写意见"),
            Length(max=1000, message="意见最多 1000 个字，请缩短"),
        ],
    )
    titles = PartsField("取消的称号", validate_choice=False)
    ground = SelectField("取消的情形", validate_choice=False)
    ended_on = DateField("终止日期", validators=[Optional()])
    document_no = StringField("取消文号", validators=[_NUMBER])
    ministry_document_no = StringField("部委文号", validators=[_NUMBER])

    def offer(
        self, moves: Sequence[Transition], held: Sequence[Recognition], *, is_late: bool
    ) -> None:
        """The conclusions that are open to this person, and the titles that can be cancelled."""
        self.choice.choices = [
            (move.action.value, _words(move.action)) for move in moves if move.action in DECISIONS
        ]
        self.titles.choices = [
            (f"{one.id}:{one.version}", f"{one.title.label}（有效期至 {one.valid_to}）")
            for one in held
        ]
        self.ground.choices = [
            (ground.value, ground.label)
            for ground in GROUNDS
            if is_late or ground is not EndGround.UNREPORTED
        ]

    def cancellation(self, today: date) -> Cancellation | None:
        """What is to be ended; None for another conclusion. Raises Conflict for nonsense."""
        if self.choice.data != Action.CANCEL:
            return None
        if self.ground.data not in set(GROUNDS):
            raise Conflict("取消的情形无法识别，请刷新页面后重新选择。")
        chosen: list[Any] = list(self.titles.data or ())
        return Cancellation(
            titles=tuple(read_seen(chosen, "称号")) if chosen else (),
            ended_on=self.ended_on.data or today,
            ground=EndGround(self.ground.data),
            document_no=self.document_no.data or "",
            ministry_document_no=self.ministry_document_no.data or "",
        )


def _words(action: Action) -> str:
    return {
        Action.PASS: "同意上报",
        Action.RETURN: "退回补正",
        Action.KEEP: "维持称号",
        Action.CANCEL: "取消称号",
    }[action]
