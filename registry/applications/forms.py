"""What belongs to an application alone, and the query bar over the applications."""

from __future__ import annotations

from wtforms import SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from registry.applications.queries import ApplicationFilter
from registry.applications.workflow import State
from registry.forms import ListQuery, VersionedForm


class ApplicationForm(VersionedForm):
    """The content that is the application's own; the rest is read from the registry."""

    product = StringField(
        "主导产品",
        validators=[
            InputRequired("请填写主导产品"),
            Length(max=100, message="主导产品最多 100 个字，请缩短"),
        ],
    )
    note = TextAreaField(
        "申报说明", validators=[Length(max=1000, message="申报说明最多 1000 个字，请缩短")]
    )


class ApplicationQuery(ListQuery):
    """What the list of applications is asked for."""

    sorts = ("waits_since", "changed")
    usual_sort = "waits_since"

    round_id = SelectField("批次", validate_choice=False)
    state = SelectField(
        "状态",
        choices={"": "全部"} | {state.value: state.label for state in State},
        validate_choice=False,
    )

    def offer(self, rounds: list[tuple[int, str]]) -> None:
        self.round_id.choices = {"": "全部批次"} | {str(id_): name for id_, name in rounds}

    @property
    def asked_round(self) -> int | None:
        text = str(self.round_id.data or "")
        return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None

    @property
    def asked_state(self) -> State | None:
        return State(self.state.data) if self.state.data in set(State) else None

    def filter(self) -> ApplicationFilter:
        state = self.asked_state
        return ApplicationFilter(
            round_id=self.asked_round,
            states=(state,) if state else (),
            text=self.typed("q"),
        )
