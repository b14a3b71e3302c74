"""The query bars of the two log pages. They are read from the address, so they carry no token."""

from __future__ import annotations

import unicodedata
from datetime import date

from wtforms import DateField, Form, SelectField, StringField
from wtforms.validators import Optional

from registry.audit import labels
from registry.audit.models import Outcome, SignInOutcome
from registry.audit.queries import Filter

ANYTHING = {"": "全部"}
OUTCOMES = ANYTHING | {Outcome.DONE.value: "完成", Outcome.REFUSED.value: "被拒"}
WORDS = ("action", "object_type", "outcome", "address")
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2200, 1, 1)


def folded(text: str | None) -> str:
    """What was typed without full width and control characters (PostgreSQL refuses NUL)."""
    plain = unicodedata.normalize("NFKC", text or "")[:60]
    return "".join(char for char in plain if char.isprintable()).strip()


class PeriodForm(Form):
    """From day to day. A date that is none counts as not given."""

    since = DateField("日期从", validators=[Optional()])
    until = DateField("至", validators=[Optional()])
    login = StringField("登录名")

    def day(self, name: str) -> date | None:
        value = self[name].data
        return value if isinstance(value, date) and FIRST_DAY <= value <= LAST_DAY else None

    def filter(self) -> Filter:
        words = {name: folded(self[name].data) for name in WORDS if name in self}
        return Filter(
            since=self.day("since"),
            until=self.day("until"),
            login=folded(self.login.data).lower(),
            **words,
        )


class EntryFilterForm(PeriodForm):
    """操作日志."""

    action = SelectField("操作", validate_choice=False)
    object_type = SelectField("对象", validate_choice=False)
    outcome = SelectField("结果", choices=OUTCOMES, validate_choice=False)

    def offer(self) -> None:
        self.action.choices = ANYTHING | dict(labels.action_choices())
        self.object_type.choices = ANYTHING | dict(labels.type_choices())


class SignInFilterForm(PeriodForm):
    """登录日志."""

    address = StringField("地址")
    outcome = SelectField(
        "结果",
        choices=ANYTHING | {word.value: word.label for word in SignInOutcome},
        validate_choice=False,
    )
