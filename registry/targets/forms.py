"""The form of a target."""

from __future__ import annotations

from decimal import Decimal
from typing import cast

from wtforms import Field as WTField

from registry.fields import Reading
from registry.forms import BaseForm, VersionedForm, form_class, typed_values
from registry.policy.rulesets import Evidence
from registry.targets.catalogue import BY_SUBJECT, FIELDS, Comparison, read_value
from registry.targets.services import TargetDraft

TargetForm: type[BaseForm] = form_class("TargetForm", FIELDS, VersionedForm)


def read_draft(form: BaseForm) -> TargetDraft | None:
    """The target of a form whose fields are valid; None when its figure cannot be read.

    How the figure is read depends on the unit of the subject, so it is judged here.
    """
    values = typed_values(form, FIELDS)
    text = {key: str(value or "") for key, value in values.items()}
    subject = BY_SUBJECT.get(text["key"])
    reading: Reading = read_value(subject.unit if subject else text["unit"], text["value"])
    if not isinstance(reading.value, Decimal):
        field = cast("WTField", form["value"])
        field.errors = [*field.errors, reading.problem or "请填写目标值"]
        return None
    year = values["year"]
    return TargetDraft(
        key=text["key"],
        year=year if isinstance(year, int) else 0,
        value=reading.value,
        source=text["source"],
        evidence=Evidence(text["evidence"]),
        note=text["note"],
        label=text["label"],
        unit=text["unit"],
        comparison=Comparison(text["comparison"] or Comparison.AT_LEAST),
    )
