"""The forms of a round and of an exception. Times are typed in Beijing time, to the minute."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

from wtforms import DateTimeLocalField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.form import BaseForm
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from registry import clock
from registry.applications.models import Round
from registry.applications.rounds import (
    LABELS,
    LONGEST,
    MOMENTS,
    OFFERED,
    YEARS,
    RoundDraft,
    rule_sets_for,
)
from registry.applications.timetable import CLOSINGS
from registry.forms import ReasonForm, VersionedForm
from registry.policy.clauses import RoundKind
from registry.policy.wording import KIND_WORDS
from registry.recognitions.catalogue import Title

_FORMATS = ["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S"]


class MomentField(DateTimeLocalField):
    """A moment as the offices' clock shows it; aware in `data`."""

    def __init__(self, label: str, **kwargs: Any) -> None:
        needed = InputRequired(f"请填写{label}，精确到分钟")
        super().__init__(label, format=_FORMATS, validators=[needed], **kwargs)

    def process_data(self, value: datetime | None) -> None:
        self.data = None if value is None else clock.local(value)

    def process_formdata(self, valuelist: list[Any]) -> None:
        if not valuelist:
            return
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            self.data = None
            raise ValueError("请按 2026-11-30 18:00 的样子填写日期和时间") from error
        if self.data is not None:
            self.data = self.data.replace(tzinfo=clock.LOCAL_ZONE)

    def pre_validate(self, form: BaseForm) -> None:
        if self.data is not None and self.data.year not in YEARS:
            raise ValidationError(f"年份应在 {YEARS[0]} 至 {YEARS[-1]} 之间，请核对")


class WholeField(IntegerField):
    """A whole number; says in plain words when it is none."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError(f"{self.label.text}应为整数") from error


def _text(key: str, *, needed: bool = False) -> StringField:
    longest, label = LONGEST[key], LABELS[key]
    validators: list[Any] = [Length(max=longest, message=f"{label}最多 {longest} 个字，请缩短")]
    if needed:
        validators.append(InputRequired(f"请填写{label}"))
    return StringField(label, validators=validators)


class RoundForm(VersionedForm):
    """A round. `rule_set` empty: by the table of rounds."""

    name = _text("name", needed=True)
    title = SelectField(LABELS["title"], choices={one.value: one.label for one in OFFERED})
    kind = SelectField(
        LABELS["kind"], choices={kind.value: words for kind, words in KIND_WORDS.items()}
    )
    year = WholeField(LABELS["year"], validators=[InputRequired("请填写年度")])
    rule_set = SelectField(
        LABELS["rule_set"],
        choices={"": "按批次对照表"}
        | {id_: f"{id_}（{one.short_label}）" for one in OFFERED for id_ in rule_sets_for(one)},
    )
    document = _text("document")
    document_no = _text("document_no")
    opens_at = MomentField(LABELS["opens_at"])
    filling_until = MomentField(LABELS["filling_until"])
    county_until = MomentField(LABELS["county_until"])
    city_until = MomentField(LABELS["city_until"])
    province_until = MomentField(LABELS["province_until"])
    quota = WholeField(LABELS["quota"], validators=[Optional()])
    note = TextAreaField(
        LABELS["note"], validators=[Length(max=1000, message="说明最多 1,000 个字，请缩短")]
    )

    @property
    def asked(self) -> tuple[Title, RoundKind, int] | None:
        """The title, kind and year that are chosen, as far as they can be read."""
        year = self.year.data
        known = self.title.data in set(OFFERED) and self.kind.data in set(RoundKind)
        if not known or year not in YEARS:
            return None
        return Title(str(self.title.data)), RoundKind(str(self.kind.data)), cast("int", year)

    @property
    def chosen_rule_set(self) -> str:
        """The standard that is chosen and known for the title, else empty."""
        chosen = str(self.rule_set.data or "")
        known = self.asked is not None and chosen in rule_sets_for(self.asked[0])
        return chosen if known else ""

    def draft(self) -> RoundDraft:
        """The round of a valid form."""
        return RoundDraft(
            name=self.name.data or "",
            title=Title(str(self.title.data)),
            kind=RoundKind(str(self.kind.data)),
            year=cast("int", self.year.data),
            rule_set=str(self.rule_set.data or ""),
            document=self.document.data or "",
            document_no=self.document_no.data or "",
            quota=self.quota.data,
            note=self.note.data or "",
            **{key: cast("datetime", self[key].data) for key in MOMENTS},
        )


def shown(round_: Round, usual_rule_set: str) -> dict[str, Any]:
    """What the form of a round starts with."""
    own = round_.rule_set if round_.rule_set != usual_rule_set else ""
    kept = {key: getattr(round_, key) for key in (*LABELS, "version")}
    return kept | {"title": round_.title.value, "kind": round_.kind.value, "rule_set": own}


def asked_for(args: Mapping[str, str], this_year: int) -> dict[str, Any]:
    """What the form of a new round starts with; `args` may choose title, kind and year, which then
    give it a name."""
    year = args.get("year", "")
    if year not in {str(one) for one in YEARS}:
        return {"year": this_year}
    found: dict[str, Any] = {"year": int(year)}
    title, kind = args.get("title", ""), args.get("kind", "")
    if title in set(OFFERED) and kind in set(RoundKind):
        words = {RoundKind.NEW: "认定", RoundKind.RENEWAL: "复核"}[RoundKind(kind)]
        name = f"{year}年{Title(title).short_label}企业{words}"
        found |= {"title": title, "kind": kind, "name": name}
    return found


class ExtensionForm(ReasonForm):
    """More time for one unit in one step. `unit_problem`: why what was typed is no unit."""

    region = StringField("单位", validators=[InputRequired("请填写单位")])
    step = SelectField("环节", choices={phase.value: words for _, phase, words in CLOSINGS})
    until = MomentField("延长后的截止时间")
    unit_problem = ""

    def validate_region(self, field: StringField) -> None:
        if self.unit_problem:
            raise ValidationError(self.unit_problem)

    @property
    def moment(self) -> datetime:
        """The moment of a valid form."""
        return cast("datetime", self.until.data)
