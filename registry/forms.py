"""The base form, and form fields made from catalogue declarations.

A `CatalogueField` keeps what the person typed (`text`) whatever happens, and has the typed value
in `data` when it could be read.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, ClassVar, cast

from flask_wtf import FlaskForm
from wtforms import Field as WTField
from wtforms import Form, HiddenField, SelectField, StringField, TextAreaField
from wtforms.meta import DefaultMeta
from wtforms.validators import InputRequired, Length, ValidationError
from wtforms.widgets import TextInput

from registry.fields import NUMERIC, Field, Kind, Reading, Value, as_text, read_text
from registry.units import fold

LONGEST_WORD = 60
NOT_CHOSEN = "请选择"
NOTE_MISSING = "有提醒未说明。请核对，确认无误的在这里写明原因"


class BaseForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """CSRF on, Chinese messages, and everything wrong in one list for the summary on top."""

    class Meta:
        locales = ("zh_CN", "zh")

        def get_translations(self, form: Any) -> Any:
            """WTForms' own Chinese catalogue; Flask-WTF would look for Flask-Babel."""
            return DefaultMeta.get_translations(cast("Any", self), form)

    def error_list(self) -> list[tuple[str, str]]:
        """(field id, message) of every error, in the order of the form."""
        return [
            (field.id, str(message))
            for field in cast("list[WTField]", list(self))
            for message in field.errors
        ]

    def add_errors(self, messages: Mapping[str, str]) -> None:
        """Put a service's refusals beside their fields; the unknown ones go to the form."""
        for key, message in messages.items():
            if key in self:
                field = cast("WTField", self[key])
                field.errors = [*field.errors, message]
            else:
                self.form_errors.append(message)


class ListQuery(Form):
    """The query bar of a list. It is read from the address, so it has no token."""

    sorts: ClassVar[Collection[str]]
    usual_sort: ClassVar[str]

    q = StringField("企业")
    region = StringField("地区", render_kw={"placeholder": "名称、代码或拼音"})
    sort = StringField("排序")

    def typed(self, name: str) -> str:
        """What was typed into a field, half-width and without control characters."""
        folded = fold(str(self[name].data or "")[:LONGEST_WORD])
        return "".join(char for char in folded if char.isprintable())

    @property
    def asked_sort(self) -> str:
        """A key of `sorts`, with `-` in front for descending."""
        text = self.sort.data or ""
        return text if text.removeprefix("-") in self.sorts else self.usual_sort


class VersionedForm(BaseForm):
    """A form over a row that others may change: carries the version the person saw."""

    version = HiddenField()

    @property
    def seen_version(self) -> int:
        """What the page was sent with; 0 when it was sent without: never the row's own."""
        sent = self.version.raw_data or [""]
        text = str(sent[0])
        return int(text) if text.isdecimal() and len(text) < 10 else 0


class NotedForm(VersionedForm):
    """Warnings are confirmed by saying why the values are right all the same."""

    note = TextAreaField(
        "情况说明", validators=[Length(max=500, message="说明最多 500 个字，请缩短")]
    )


class CatalogueField(StringField):
    """A text input read through its catalogue declaration."""

    widget = TextInput()

    def __init__(self, spec: Field, **kwargs: Any) -> None:
        super().__init__(spec.label, **kwargs)
        self.spec = spec
        self.text = ""
        self.reading = Reading()

    def process_data(self, value: Any) -> None:
        self.data = value
        self.text = as_text(self.spec, cast("Value | None", value))

    def process_formdata(self, valuelist: list[Any]) -> None:
        if valuelist:
            self.text = str(valuelist[0])
            self.reading = read_text(self.spec, self.text)
            self.data = cast("Any", self.reading.value)

    def pre_validate(self, form: Any) -> None:
        if self.reading.problem is not None:
            raise ValidationError(self.reading.problem)
        if self.spec.required and not self.text.strip():
            raise ValidationError(f"请填写{self.spec.label}")

    def _value(self) -> str:
        return self.text

    @property
    def is_number(self) -> bool:
        return self.spec.kind in NUMERIC


class CatalogueSelect(SelectField):
    """A choice or yes/no field read through its catalogue declaration; `empty` is the first line,
    which is no value."""

    def __init__(self, spec: Field, empty: str = NOT_CHOSEN, **kwargs: Any) -> None:
        words = {"是": "是", "否": "否"} if spec.kind is Kind.FLAG else dict(spec.choices)
        super().__init__(spec.label, choices={"": empty} | words, **kwargs)
        self.spec = spec

    def process_data(self, value: Any) -> None:
        self.data = "" if value is None else _choice_key(self.spec, value)

    def process_formdata(self, valuelist: list[Any]) -> None:
        if valuelist:
            self.data = str(valuelist[0])

    def pre_validate(self, form: Any) -> None:
        if self.data and read_text(self.spec, self.data).problem:
            raise ValidationError(f"{self.spec.label}请从列表中选择")
        if self.spec.required and not self.data:
            raise ValidationError(f"请选择{self.spec.label}")

    @property
    def typed(self) -> Value | None:
        return read_text(self.spec, self.data or "").value


def _choice_key(spec: Field, value: Value) -> str:
    if spec.kind is Kind.FLAG:
        return "是" if value else "否"
    return str(value)


def field_for(spec: Field, no_flag: str = NOT_CHOSEN) -> WTField:
    """The form field for a declaration. `no_flag`: what a yes/no field says that is neither."""
    if spec.kind is Kind.FLAG:
        return CatalogueSelect(spec, no_flag)
    if spec.kind is Kind.CHOICE:
        return CatalogueSelect(spec)
    keywords: dict[str, Any] = {"inputmode": "decimal"} if spec.kind in NUMERIC else {}
    if spec.kind is Kind.DATE:
        keywords["placeholder"] = "2025-06-30"
    return CatalogueField(spec, render_kw=keywords)


def form_class(
    name: str,
    fields: Sequence[Field],
    base: type[BaseForm] = VersionedForm,
    no_flag: str = NOT_CHOSEN,
) -> type[BaseForm]:
    """A form class with one field for each declaration, in their order."""
    return type(name, (base,), {spec.key: field_for(spec, no_flag) for spec in fields})


def typed_values(form: BaseForm, fields: Sequence[Field]) -> dict[str, Value | None]:
    """What the valid form holds, by catalogue key; keys outside `fields` are never taken."""
    values: dict[str, Value | None] = {}
    for spec in fields:
        field = cast("WTField", form[spec.key])
        if isinstance(field, CatalogueSelect):
            values[spec.key] = field.typed
        elif isinstance(field, CatalogueField):
            values[spec.key] = cast("Value | None", field.data) if field.text.strip() else None
    return values


class ReasonForm(VersionedForm):
    """A step that needs a reason: return, remove, end."""

    reason = TextAreaField(
        "原因",
        validators=[
            InputRequired("请填写原因，对方会看到这段文字"),
            Length(max=500, message="原因最多 500 个字，请缩短"),
        ],
    )
