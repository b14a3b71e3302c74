"""A firm as it is typed, and the steps that need a reason."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from wtforms import BooleanField, RadioField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from registry.enterprises.catalogue import CONTACT_KEYS, EDITABLE, FIELDS
from registry.enterprises.models import Enterprise, EnterpriseStatus
from registry.enterprises.queries import values_of
from registry.enterprises.reviewing import Review
from registry.fields import Field, Kind, Value
from registry.forms import CatalogueField, VersionedForm, field_for, form_class, typed_values

REASON_MISSING = "校验位不符，请说明确认无误的原因"
TICK_MISSING = "请核对后勾选确认"
Found = tuple[str | None, str, str | None]


class _FirmForm(VersionedForm):
    """What is asked beside the catalogue's fields, once there is cause."""

    uscc_reason = StringField(
        "校验位不符仍要登记的原因",
        validators=[Length(max=200, message="原因最多 200 个字，请缩短")],
    )
    confirm_similar = BooleanField("确认不是同一企业，继续保存")
    confirm_doubts = BooleanField("以上提醒已核对，继续保存")
    clear_contact = BooleanField("清空已登记的联系方式")

    def add_review(self, review: Review) -> None:
        """Put beside the fields what stands against saving and is not confirmed yet."""
        self.add_errors({issue.field or "": issue.message for issue in review.errors})
        if review.wants_reason and not (self.uscc_reason.data or "").strip():
            self.add_errors({"uscc_reason": REASON_MISSING})
        if review.similar and not self.confirm_similar.data:
            self.add_errors({"confirm_similar": f"已有名称相同的企业。{TICK_MISSING}"})
        if review.doubts and not self.confirm_doubts.data:
            self.add_errors({"confirm_doubts": f"有 {len(review.doubts)} 条提醒。{TICK_MISSING}"})


CHANGED_ON = Field(
    key="changed_on",
    label="变更日期",
    kind=Kind.DATE,
    meaning="更名或变更所属区县的日期，留空为今天",
)
CreateForm = form_class("CreateForm", FIELDS, _FirmForm)
EditForm = form_class("EditForm", (*EDITABLE, CHANGED_ON), _FirmForm)


def edit_data(firm: Enterprise) -> dict[str, Value | None]:
    """What the form starts with. Contact stays hidden: seeing it is a step of its own."""
    shown = {key: value for key, value in values_of(firm).items() if key not in CONTACT_KEYS}
    return {**shown, "version": firm.version}


def edited_values(form: VersionedForm) -> dict[str, Value | None]:
    """What is to be changed. An empty contact field leaves the stored one, unless cleared."""
    values = typed_values(form, EDITABLE)
    if not form["clear_contact"].data:
        values = {k: v for k, v in values.items() if k not in CONTACT_KEYS or v is not None}
    return values


def changed_on(form: VersionedForm) -> date | None:
    """The day a new name or region took effect, if one was given."""
    day = typed_values(form, [CHANGED_ON])[CHANGED_ON.key]
    return day if isinstance(day, date) else None


def resolve(form: VersionedForm, key: str, find: Callable[[str], Found]) -> str:
    """Replace the words typed for a region or industry by their code, or say what is wrong.

    `find` gives (code, name to show, problem). Returns what to show in the box.
    """
    field = form[key]
    if not isinstance(field, CatalogueField):
        raise TypeError(f"{key} is not typed as text")
    words = field.text.strip()
    if not words or field.errors:
        return words
    code, name, problem = find(words)
    if code is None:
        form.add_errors({key: problem or "无法识别，请从列表中选择"})
    else:
        field.text = field.data = code
    return name or words


_ENDINGS = {
    EnterpriseStatus.DEREGISTERED.value: "注销：企业已办理注销登记",
    EnterpriseStatus.MOVED_OUT.value: "迁出：企业已迁出本省或不再由本单位管理",
    EnterpriseStatus.MERGED.value: "合并：企业已并入另一家企业",
}
_ENDED_ON = Field(
    key="ended_on",
    label="日期",
    kind=Kind.DATE,
    required=True,
    meaning="自这一天起不在库，所持称号同日起不再计入",
)


class EndForm(VersionedForm):
    """注销, 迁出 or 合并."""

    status = RadioField(
        "办理事项",
        choices=_ENDINGS,
        validators=[InputRequired("请选择注销、迁出或合并")],
    )
    ended_on = field_for(_ENDED_ON)
    merged_into = StringField(
        "合并后存续企业的信用代码",
        validators=[Length(max=40, message="信用代码过长，请核对")],
    )
    reason = TextAreaField(
        "原因",
        validators=[
            InputRequired("请填写原因"),
            Length(max=500, message="原因最多 500 个字，请缩短"),
        ],
    )

    def chosen(self) -> tuple[EnterpriseStatus, date, str]:
        """(status, day, reason) of a valid form."""
        ended_on = typed_values(self, [_ENDED_ON])["ended_on"]
        if not isinstance(ended_on, date):
            raise TypeError("the form requires a date")
        return EnterpriseStatus(str(self.status.data)), ended_on, self.reason.data or ""
