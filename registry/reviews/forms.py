"""A decision as it is typed, and the records that belong to a review."""

from __future__ import annotations

from collections.abc import Sequence

from flask_wtf.file import MultipleFileField
from wtforms import (
    DateField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from registry.applications.workflow import DECISIONS, Action, State, Transition
from registry.forms import BaseForm, VersionedForm
from registry.reviews.inspections import Inspection, Sent
from registry.reviews.services import Appraisal, Decision

PHRASES = (
    "经审核，申报材料齐全，符合条件，同意通过",
    "佐证材料不全，请补充",
    "数据与审计报告不符，请核对",
    "研发费用归集口径有误，请核对",
    "主导产品和细分市场说明不清，请补充",
)
_OPINION = Length(max=1000, message="审核意见最多 1000 个字，请缩短")


class PartsField(SelectMultipleField):
    """Boxes to tick: what a return or a rejection is about."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class DecisionForm(BaseForm):
    """The conclusion on one case or on many, given as `id:version` each."""

    choice = RadioField("审核结论", validators=[InputRequired("请选择审核结论")])
    parts = PartsField("有问题的部分", validate_choice=False)
    phrase = SelectField(
        "常用意见", choices={"": "请选择"} | {text: text for text in PHRASES}, default=""
    )
    opinion = TextAreaField("审核意见", validators=[_OPINION])
    then = HiddenField()
    """`next` opens the next case that waits."""

    def offer(self, moves: Sequence[Transition], parts: Sequence[str]) -> None:
        """The conclusions that are open to this person, and the parts of the case."""
        self.choice.choices = [
            (f"{move.action.value}:{move.target.value}", _words(move))
            for move in moves
            if move.action in DECISIONS | {Action.REOPEN}
        ]
        self.parts.choices = [(part, part) for part in parts]

    def decision(self) -> Decision:
        """What was chosen; the form is valid."""
        action, _, target = str(self.choice.data).partition(":")
        words = [text.strip() for text in (self.phrase.data, self.opinion.data) if text]
        return Decision(
            action=Action(action),
            target=State(target),
            opinion="。".join(word.rstrip("。") for word in words if word),
            parts=tuple(self.parts.data or ()),
        )


def _words(move: Transition) -> str:
    if move.action is not Action.RETURN:
        return move.action.label
    place = "填报单位补正" if move.target is State.RETURNED else f"{move.target.label}重审"
    return f"退回{place}"


class InspectionForm(VersionedForm):
    """实地核查."""

    on = DateField("核查日期", validators=[InputRequired("请填写核查日期")])
    people = StringField(
        "核查人员",
        validators=[
            InputRequired("请填写核查人员"),
            Length(max=100, message="核查人员最多 100 个字，请缩短"),
        ],
    )
    passed = RadioField(
        "核查结果",
        choices={"yes": "与申报一致", "no": "与申报不一致"},
        validators=[InputRequired("请选择核查结果")],
    )
    record = TextAreaField(
        "核查情况",
        validators=[
            InputRequired("请填写核查情况"),
            Length(max=2000, message="核查情况最多 2000 个字，请缩短"),
        ],
    )

    files = MultipleFileField("照片或核查报告")

    @property
    def sent(self) -> list[Sent]:
        """The files that were chosen; a browser sends an empty one for none."""
        return [Sent(one.stream, one.filename) for one in self.files.data or [] if one.filename]

    def inspection(self) -> Inspection:
        if self.on.data is None:
            raise TypeError("the form requires a date")
        return Inspection(
            on=self.on.data,
            people=self.people.data or "",
            record=self.record.data or "",
            passed=self.passed.data == "yes",
        )


class AppraisalForm(VersionedForm):
    """专家评审."""

    expert = StringField(
        "专家姓名",
        validators=[
            InputRequired("请填写专家姓名"),
            Length(max=40, message="专家姓名最多 40 个字，请缩短"),
        ],
    )
    organisation = StringField(
        "工作单位", validators=[Length(max=100, message="工作单位最多 100 个字，请缩短")]
    )
    score = IntegerField("评分", validators=[Optional()], description="百分制，不评分的留空")
    opinion = TextAreaField("评审意见", validators=[InputRequired("请填写评审意见"), _OPINION])
    conflict = StringField(
        "利害关系声明",
        validators=[Length(max=200, message="利害关系声明最多 200 个字，请缩短")],
        description="与企业有利害关系的写明，没有的留空",
    )

    def appraisal(self) -> Appraisal:
        return Appraisal(
            expert=self.expert.data or "",
            organisation=self.organisation.data or "",
            score=self.score.data,
            opinion=self.opinion.data or "",
            conflict=self.conflict.data or "",
        )


class LookForm(BaseForm):
    """Which copy somebody says they have seen."""

    turn = IntegerField(validators=[InputRequired("请刷新页面后再办理")])
