"""申报汇总表: what was handed in, case by case, with what the levels said, as a workbook.

The ministry's own form for recommendations is not known; the columns are those of policy §8.4
(proposed, U) that the registry holds, without contacts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from registry import clock
from registry.applications import queries
from registry.applications.forms import ApplicationQuery
from registry.applications.freezing import BASICS, YEARLY, Cells
from registry.applications.models import Application, Copy, Step
from registry.applications.workflow import DECISIONS
from registry.assessments.models import StoredAssessment
from registry.assessments.queries import kept_by_id
from registry.evidence.catalogue import KINDS
from registry.fields import Field, Kind, Value, read_text
from registry.indicators.catalogue import BY_KEY
from registry.jobs import workbooks
from registry.jobs.sheets import Export, made_by
from registry.jobs.workbooks import Words
from registry.permissions import Actor, Level
from registry.policy.findings import Verdict
from registry.policy.wording import KIND_WORDS, VERDICT_WORDS
from registry.regions.naming import PlaceName, place_names
from registry.regions.scoping import narrow_by_words
from registry.spreadsheets.writer import Column, columns_for

NO_FORM = "列名为拟定，工业和信息化部汇总表样式未配置"
_LAST_YEAR = tuple(
    BY_KEY[key]
    for key in (
        "revenue",
        "main_revenue",
        "rd_expense",
        "new_product_revenue",
        "market_share_domestic",
        "employees_total",
    )
)
_YEAR_BEFORE = tuple(BY_KEY[key] for key in ("revenue", "rd_expense"))
_PROPERTY = f"{KINDS['intellectual_property'].label}："
_LEVELS = (Level.COUNTY, Level.CITY, Level.PROVINCE)


@workbooks.offered("applications", "导出申报汇总表")
def summary(session: Session, actor: Actor, words: Words) -> Export:
    """The cases that the page of the same words lists. Raises NotFound for a region out of scope."""
    asked = ApplicationQuery(MultiDict(words))
    wanted = asked.filter()
    scope, where = narrow_by_words(session, actor.scope, asked.typed("region"))
    round_ = queries.get_round(session, wanted.round_id) if wanted.round_id else None
    conditions = [
        *([round_.name] if round_ else []),
        *(f"状态：{state.label}" for state in wanted.states),
        *([f"企业：{wanted.text}"] if wanted.text else []),
        NO_FORM,
    ]
    return Export(
        kind="applications",
        label="申报汇总表",
        made_by=made_by(actor),
        where=where or actor.region_name,
        conditions=conditions,
        columns=_columns(),
        rows=_rows(
            session, queries.every_application(session, scope, wanted), place_names(session, scope)
        ),
        total=sum(queries.count_by_state(session, scope, wanted).values()),
        frozen_columns=3,
    )


def _columns() -> list[Column]:
    before = [
        Column(f"上上年度{one.header}", one.kind, one.width) for one in columns_for(_YEAR_BEFORE)
    ]
    return [
        Column("序号", Kind.COUNT, 7.0),
        Column("市州", width=12.0),
        Column("企业名称", width=36.0),
        Column("统一社会信用代码", Kind.USCC, 22.0),
        Column("县区", width=14.0),
        Column("所属行业"),
        Column("主导产品"),
        Column("批次", width=30.0),
        Column("称号", width=14.0),
        Column("新认定或复核", width=12.0),
        Column("状态", width=14.0),
        Column("提交时间", Kind.DATE, 17.0),
        *(Column(f"上年度{one.header}", one.kind, one.width) for one in columns_for(_LAST_YEAR)),
        *before,
        Column("研发费用占营业收入比重", Kind.PERCENT, 14.0),
        Column(f"{_PROPERTY.rstrip('：')}（项）", Kind.COUNT, 12.0),
        Column("条款对照", width=12.0),
        Column("不符合（条）", Kind.COUNT, 10.0),
        Column("待补充（条）", Kind.COUNT, 10.0),
        *(Column(f"{level.label}意见", width=36.0) for level in _LEVELS),
    ]


def _rows(
    session: Session, blocks: Iterator[Sequence[Application]], places: Mapping[str, PlaceName]
) -> Iterator[Sequence[object]]:
    number = 0
    for cases in blocks:
        ids = [case.id for case in cases]
        copies, steps = queries.last_copies(session, ids), queries.steps_by_case(session, ids)
        kept = kept_by_id(session, [copy.assessment_id for copy in copies.values()])
        for case in cases:
            number += 1
            copy = copies.get(case.id)
            found = kept.get(copy.assessment_id or 0) if copy else None
            yield (
                number,
                *_who(case, places[case.enterprise.region_code]),
                *_what(case, copy),
                *_verdict(found),
                *_opinions(steps.get(case.id, []), case.turn),
            )


def _who(case: Application, place: PlaceName) -> tuple[object, ...]:
    firm = case.enterprise
    return place.city, firm.name, firm.uscc, place.county


def _what(case: Application, copy: Copy | None) -> tuple[object, ...]:
    """What was handed in last; nothing before the first time."""
    cells: Cells = copy.cells if copy else {}
    last, before = (cells.get(f"{case.round.year - back}{YEARLY}", {}) for back in (1, 2))
    figures = [_value(spec, last) for spec in _LAST_YEAR]
    return (
        cells.get(BASICS, {}).get("所属行业"),
        case.product,
        case.round.name,
        case.round.title.short_label,
        KIND_WORDS[case.round.kind],
        case.state.label,
        clock.local(copy.made_at).replace(tzinfo=None) if copy else None,
        *figures,
        *(_value(spec, before) for spec in _YEAR_BEFORE),
        _share(_value(BY_KEY["rd_expense"], last), _value(BY_KEY["revenue"], last)),
        sum(part.startswith(_PROPERTY) for part in cells) if copy else None,
    )


def _value(spec: Field, cells: Mapping[str, str]) -> Value | None:
    return read_text(spec, cells.get(spec.header, "")).value


def _share(part: Value | None, whole: Value | None) -> Decimal | None:
    if not isinstance(part, Decimal) or not isinstance(whole, Decimal) or whole <= 0:
        return None
    return part / whole


def _verdict(found: StoredAssessment | None) -> tuple[object, ...]:
    if found is None:
        return None, None, None
    return VERDICT_WORDS[Verdict(found.verdict)], found.not_met, found.missing


def _opinions(steps: Sequence[Step], turn: int) -> Iterator[str | None]:
    """What each level decided last of what was handed in last."""
    for level in _LEVELS:
        told = [
            f"{step.action.label}：{step.opinion}" if step.opinion else step.action.label
            for step in steps
            if step.level == level and step.turn == turn and step.action in DECISIONS
        ]
        yield told[-1] if told else None
