"""申报批次: opening one, changing its dates, and granting a unit more time."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import datetime
from itertools import pairwise
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from registry import clock
from registry.applications import queries
from registry.applications.models import Application, Extension, Round
from registry.applications.workflow import STAGES, State
from registry.audit import labels
from registry.audit import services as audit_services
from registry.audit.services import Changes, Event
from registry.audit.writing import given_reason
from registry.errors import Conflict, Forbidden, Invalid, NotFound
from registry.permissions import Actor, Level, Permission
from registry.policy import rounds as rule_rounds
from registry.policy import titles
from registry.policy.clauses import RoundKind
from registry.policy.wording import KIND_WORDS
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
    LABELS
    | {"step": "环节", "region": "单位", "until": "延长至"}
    | {"ending_no": "终止文号", "firms": "企业数"},
    {"create": "新建批次", "update": "修改批次", "extend": "设置例外", "close": "办结复核"},
)
OFFERED = (Title.INNOVATIVE_SME, Title.SRDI_SME, Title.LITTLE_GIANT, Title.SINGLE_CHAMPION)
"""Titles that are applied for here; 科技型 is registered by the science departments."""
YEARS = range(2016, 2101)
LONGEST = {"name": 80, "document": 200, "document_no": 80}
LARGEST_QUOTA = 1_000_000
_STALE = "这一批次刚被他人修改过，请刷新后再保存。"
MOMENTS = ("opens_at", "filling_until", "county_until", "city_until", "province_until")


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundDraft:
    """A round as it should be. `rule_set`: an overlay or another set than the usual one; empty for
    the usual one, or for that by which firms have already handed in. Moments are aware."""

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


def may_set(actor: Actor) -> bool:
    return actor.may(Permission.ROUND_EDIT) and actor.level is Level.PROVINCE


def require_setter(actor: Actor) -> None:
    """Raises Forbidden below the province and for other roles."""
    if not may_set(actor):
        raise Forbidden("申报批次由省级审核人员设置。")


def save_round(
    session: Session,
    actor: Actor,
    draft: RoundDraft,
    *,
    round_id: int | None = None,
    seen_version: int = 0,
) -> Round:
    """Make or change a round. Raises Forbidden below the province, Invalid for what cannot stand
    (dates out of order, a taken name), Conflict for a stale page, or a standard that cannot change
    any more because firms have handed in."""
    require_setter(actor)
    draft = _tidied(draft)
    _refuse_wrong(draft)
    found = None if round_id is None else queries.get_round(session, round_id, lock=True)
    if found is not None and found.version != seen_version:
        raise Conflict(_STALE)
    _refuse_taken(session, draft.name, round_id)
    values = {spec.name: getattr(draft, spec.name) for spec in fields(draft)}
    values["rule_set"], values["no_basis"] = _basis(session, draft, found)
    before = {} if found is None else _texts(found)
    now = clock.now()
    round_ = found or Round(created_at=now)
    try:
        with session.begin_nested():
            # In here, or a refused flush would take the whole transaction with it.
            for key, value in values.items():
                setattr(round_, key, value)
            if found is None or session.is_modified(round_):
                round_.updated_at = now
            session.add(round_)
            session.flush()
    except IntegrityError as error:
        raise _taken(draft.name) from error
    after = _texts(round_)
    changes: Changes = {
        key: [before.get(key), after[key]] for key in LABELS if before.get(key, "") != after[key]
    }
    if changes:
        _audit(session, actor, round_, "update" if found else "create", changes, "")
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
    """Let one unit take a step until later. Raises Invalid without a reason, for the province as a
    whole, and for a moment that is no later than the deadline or what the unit was granted."""
    require_setter(actor)
    until = _to_the_minute(until)
    reason = given_reason(reason)
    round_ = queries.get_round(session, round_id, lock=True)
    region = get_region(session, region_code)
    if not actor.scope.covers(region.path):
        raise NotFound
    if region.path == actor.scope.path:
        sentence = "全省延期请修改批次的截止时间，例外只给一个单位"
        raise Invalid(sentence, {"region": sentence})
    deadline = round_.until(step) if step in {State.FILLING, *STAGES} else None
    granted = queries.extended_until(session, round_.id, step, region.path)
    if deadline is None:
        raise Invalid("请选择环节", {"step": "请选择环节"})
    latest = max(filter(None, (deadline, granted)))
    if until <= max(latest, clock.now()):
        sentence = f"延长时间须晚于现在，也须晚于现有截止时间 {_minute(latest)}"
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
    changes: Changes = {
        "region": [None, region.full_name],
        "step": [None, step.label],
        "until": [None, _minute(until)],
    }
    _audit(session, actor, round_, "extend", changes, reason)
    return extension


def _tidied(draft: RoundDraft) -> RoundDraft:
    """Texts without space around them, moments to the minute as they are shown."""
    texts = (*LONGEST, "note")
    tidied: dict[str, Any] = {key: getattr(draft, key).strip() for key in texts}
    tidied |= {key: _to_the_minute(getattr(draft, key)) for key in MOMENTS}
    return replace(draft, **tidied)


def _to_the_minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)


def _refuse_wrong(draft: RoundDraft) -> None:
    problems: dict[str, str] = {}
    if not draft.name:
        problems["name"] = "请填写名称"
    for key, longest in LONGEST.items():
        if len(getattr(draft, key)) > longest:
            problems[key] = f"{LABELS[key]}最多 {longest} 个字，请缩短"
    if draft.title not in OFFERED:
        problems["title"] = f"{draft.title.label}由其他部门办理，不设申报批次"
    if draft.year not in YEARS:
        problems["year"] = f"年度应在 {YEARS[0]} 至 {YEARS[-1]} 之间"
    if draft.rule_set and draft.rule_set not in rule_sets_for(draft.title):
        problems["rule_set"] = f"标准 {draft.rule_set} 不适用于{draft.title.label}"
    problems |= _disorder(draft)
    if draft.quota is not None and not 0 <= draft.quota <= LARGEST_QUOTA:
        problems["quota"] = f"名额应在 0 至 {LARGEST_QUOTA:,} 之间；没有名额的留空"
    if problems:
        raise Invalid("；".join(problems.values()), problems)


def _disorder(draft: RoundDraft) -> dict[str, str]:
    """Moments that do not follow those before them. Filling in takes time, a review may take none,
    as that of a county where all hand in to the city."""
    problems: dict[str, str] = {}
    for first, second in pairwise(MOMENTS):
        one, other = getattr(draft, first), getattr(draft, second)
        if other < one or (first == "opens_at" and other == one):
            order = "须晚于" if first == "opens_at" else "不能早于"
            problems[second] = f"{LABELS[second]}{order}{LABELS[first]}"
    return problems


def _refuse_taken(session: Session, name: str, round_id: int | None) -> None:
    other = session.scalar(select(Round.id).where(Round.name == name))
    if other is not None and other != round_id:
        raise _taken(name)


def _taken(name: str) -> Invalid:
    sentence = f"已有名为“{name}”的批次，请换一个名称"
    return Invalid(sentence, {"name": sentence})


def _basis(session: Session, draft: RoundDraft, round_: Round | None) -> tuple[str, str]:
    """(rule set, why there is none). What was handed in by one standard is not decided by another,
    nor by one that the table of rounds has only come to name since. Raises Conflict."""
    if round_ is not None and has_handed_in(session, round_.id):
        stands = (round_.title, round_.kind, round_.year, round_.rule_set)
        asked = (draft.title, draft.kind, draft.year, draft.rule_set or round_.rule_set)
        if asked != stands:
            raise Conflict("已有企业提交申报，称号、类别、年度和依据标准不能再改。")
        return round_.rule_set, round_.no_basis
    usual = rule_rounds.resolve(draft.title.value, draft.kind, draft.year)
    chosen = draft.rule_set or usual.rule_set
    return chosen, "" if chosen else usual.reason


def has_handed_in(session: Session, round_id: int) -> bool:
    """Whether any firm has handed in, wherever it is: after that the standard stands."""
    handed_in = select(Application.id).where(Application.round_id == round_id, Application.turn > 0)
    return session.scalar(handed_in.limit(1)) is not None


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
    changes: Changes,
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
