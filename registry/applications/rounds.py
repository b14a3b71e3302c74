"""申报批次: opening one, changing its dates, and granting a unit more time."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from itertools import pairwise

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from registry import clock
from registry.applications import queries
from registry.applications.models import Application, Extension, Round
from registry.applications.workflow import STAGES, State
from registry.audit import labels
from registry.audit import services as audit_services
from registry.audit.services import Event
from registry.audit.writing import given_reason
from registry.errors import Conflict, Forbidden, Invalid, NotFound
from registry.permissions import Actor, Level, Permission
from registry.policy import rounds as rule_rounds
from registry.policy import titles
from registry.policy.clauses import RoundKind
from registry.recognitions.catalogue import Title
from registry.regions.queries import get_region

OBJECT_TYPE = "round"
LABELS = {
    "name": "名称",
    "title": "称号",
    "kind": "类别",
    "year": "年度",
    "rule_set": "依据标准",
    "document": "通知名称",
    "document_no": "通知文号",
    "opens_at": "开始时间",
    "filling_until": "提交截止",
    "county_until": "县级审核截止",
    "city_until": "市级审核截止",
    "province_until": "省级审核截止",
    "quota": "名额",
    "note": "说明",
}
labels.register(
    OBJECT_TYPE,
    "申报批次",
    LABELS | {"step": "环节", "region": "单位", "until": "延长至"},
    {"create": "新建批次", "update": "修改批次", "extend": "设置例外"},
)
OFFERED = (Title.INNOVATIVE_SME, Title.SRDI_SME, Title.LITTLE_GIANT, Title.SINGLE_CHAMPION)
"""Titles that are applied for here; 科技型 is registered by the science departments."""
KIND_WORDS = {RoundKind.NEW: "新认定", RoundKind.RENEWAL: "复核"}
_STALE = "这一批次刚被他人修改过，请刷新后再保存。"
_ORDER = ("opens_at", "filling_until", "county_until", "city_until", "province_until")


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundDraft:
    """A round as it should be. `rule_set`: an overlay or another set than the usual one."""

    name: str
    title: Title
    kind: RoundKind
    year: int
    opens_at: datetime
    filling_until: datetime
    county_until: datetime
    city_until: datetime
    province_until: datetime
    rule_set: str = ""
    document: str = ""
    document_no: str = ""
    quota: int | None = None
    note: str = ""


def rule_sets_for(title: Title) -> list[str]:
    """The rule sets and overlays a round of a title may go by."""
    prefixes = {one.rule_set for one in rule_rounds.load_rounds() if one.title == title.value}
    bases = prefixes - {""}
    return [one for one in titles.rule_set_ids() if one.split("+", maxsplit=1)[0] in bases]


def save_round(
    session: Session,
    actor: Actor,
    draft: RoundDraft,
    *,
    round_id: int | None = None,
    seen_version: int | None = None,
) -> Round:
    """Make or change a round. Raises Forbidden below the province, Invalid for dates that do not
    follow each other, Conflict for a taken name, a stale page, or a standard that cannot change
    any more because firms have handed in."""
    _require_province(actor)
    _refuse_wrong(draft)
    usual = rule_rounds.resolve(draft.title.value, draft.kind, draft.year)
    values = {spec.name: getattr(draft, spec.name) for spec in fields(draft)}
    values["rule_set"] = draft.rule_set or usual.rule_set
    values["no_basis"] = "" if values["rule_set"] else usual.reason
    now = clock.now()
    if round_id is None:
        round_ = Round(**values, created_at=now, updated_at=now)
        before: dict[str, str] = {}
    else:
        round_ = queries.get_round(session, round_id, lock=True)
        if seen_version not in {None, round_.version}:
            raise Conflict(_STALE)
        _refuse_moved_basis(session, round_, values["rule_set"], draft)
        before = _texts(round_)
        for key, value in values.items():
            setattr(round_, key, value)
        round_.updated_at = now
    try:
        with session.begin_nested():
            session.add(round_)
            session.flush()
    except IntegrityError as error:
        raise Conflict(f"已有名为“{draft.name}”的批次，请换一个名称。") from error
    after = _texts(round_)
    changes = {
        key: [before.get(key), after[key]] for key in LABELS if before.get(key, "") != after[key]
    }
    action = "create" if round_id is None else "update"
    _audit(session, actor, round_, action, dict(changes), "")
    return round_


def extend(
    session: Session,
    actor: Actor,
    round_id: int,
    *,
    region_code: str,
    step: State,
    until: datetime,
    reason: str,
) -> Extension:
    """Let one unit take a step until later. Raises Invalid without a reason or for a moment that is
    no later than the deadline."""
    _require_province(actor)
    reason = given_reason(reason)
    round_ = queries.get_round(session, round_id, lock=True)
    region = get_region(session, region_code)
    if not actor.scope.covers(region.path):
        raise NotFound
    deadline = round_.until(step) if step in {State.FILLING, *STAGES} else None
    if deadline is None or until <= deadline or until <= clock.now():
        sentence = "延长时间须晚于原截止时间，也须晚于现在"
        raise Invalid(sentence, {"until": sentence})
    extension = Extension(
        round_id=round_.id,
        region_code=region.code,
        region_path=region.path,
        step=step,
        until=until,
        reason=reason,
        account_id=actor.account_id,
        account_name=actor.name,
        made_at=clock.now(),
    )
    session.add(extension)
    session.flush()
    changes: dict[str, list[str | None]] = {
        "region": [None, region.full_name],
        "step": [None, step.label],
        "until": [None, _minute(until)],
    }
    _audit(session, actor, round_, "extend", changes, reason)
    return extension


def _require_province(actor: Actor) -> None:
    if not actor.may(Permission.ROUND_EDIT) or actor.level is not Level.PROVINCE:
        raise Forbidden("申报批次由省级审核人员设置。")


def _refuse_wrong(draft: RoundDraft) -> None:
    problems: dict[str, str] = {}
    if not draft.name.strip():
        problems["name"] = "请填写名称"
    if draft.title not in OFFERED:
        problems["title"] = f"{draft.title.label}由其他部门办理，不设申报批次"
    if draft.rule_set and draft.rule_set not in rule_sets_for(draft.title):
        problems["rule_set"] = f"标准 {draft.rule_set} 不适用于{draft.title.label}"
    for first, second in pairwise(_ORDER):
        one, other = getattr(draft, first), getattr(draft, second)
        if other < one or (first == "opens_at" and other == one):
            problems[second] = f"{LABELS[second]}不能早于{LABELS[first]}"
    if draft.quota is not None and draft.quota < 0:
        problems["quota"] = "名额不能为负数"
    if problems:
        raise Invalid("；".join(problems.values()), problems)


def _refuse_moved_basis(session: Session, round_: Round, rule_set: str, draft: RoundDraft) -> None:
    """What was handed in by one standard is not decided by another."""
    is_same = (round_.title, round_.kind, round_.year, round_.rule_set) == (
        draft.title,
        draft.kind,
        draft.year,
        rule_set,
    )
    handed_in = select(Application.id).where(
        Application.round_id == round_.id, Application.turn > 0
    )
    if not is_same and session.scalar(handed_in.limit(1)) is not None:
        raise Conflict("已有企业提交申报，称号、类别、年度和依据标准不能再改。")


def _texts(round_: Round) -> dict[str, str]:
    """The round in words, by field."""
    found: dict[str, str] = {}
    for key in LABELS:
        value = getattr(round_, key)
        if isinstance(value, datetime):
            found[key] = _minute(value)
        elif key == "title":
            found[key] = round_.title.label
        elif key == "kind":
            found[key] = KIND_WORDS[round_.kind]
        else:
            found[key] = "" if value is None else str(value)
    return found


def _minute(moment: datetime) -> str:
    return f"{clock.local(moment):%Y-%m-%d %H:%M}"


def _audit(
    session: Session,
    actor: Actor,
    round_: Round,
    action: str,
    changes: dict[str, list[str | None]],
    note: str,
) -> None:
    event = Event(
        action=action,
        object_type=OBJECT_TYPE,
        object_id=round_.id,
        object_label=round_.name,
        changes=changes,
        note=note,
    )
    audit_services.write(session, actor, event)
