"""企业转移: asking for a firm to belong to another region, and the consent of both sides.

The desk that asks may not see the firm. So a request tells nothing of it: one for a code that nobody
has registered looks the same and waits the same, and what stands against a transfer is said only to
who may see the firm.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from registry import clock
from registry.audit import labels
from registry.audit import services as audit_services
from registry.audit.services import Changes, Event
from registry.audit.writing import given_reason
from registry.changes import queries
from registry.changes.catalogue import Side, TransferState
from registry.changes.models import Transfer
from registry.enterprises import services as enterprises
from registry.enterprises.models import EnterpriseStatus
from registry.enterprises.queries import stored_by_uscc
from registry.errors import Conflict, Forbidden, Invalid
from registry.identifiers import normalise_uscc, uscc_shape_error
from registry.permissions import Actor, Level, Permission
from registry.regions.models import Region
from registry.regions.queries import get_region

OBJECT_TYPE = "transfer"
labels.register(
    OBJECT_TYPE,
    "企业转移",
    {"target": "转入地区", "state": "状态", "side": "同意方"},
    {"ask": "申请转移", "agree": "同意转移", "refuse": "不同意转移", "withdraw": "撤回转移申请"},
)
TAKEN = "这个信用代码转入该地区的申请还没有办结，请在原申请上办理。"
NOT_NOW = "该企业目前不能转移，没有办理。请与转出方或上级单位核对。"
UNKNOWN = "没有登记这个信用代码的企业，请核对"
FOREIGN = "只能申请转出本单位管辖的企业，或申请转入本单位管辖的地区"


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferDraft:
    uscc: str
    target_code: str
    reason: str


def ask(session: Session, actor: Actor, draft: TransferDraft) -> Transfer:
    """Ask for a firm to be moved: out of the actor's region, or into it.

    Raises Invalid for a wrong draft, and Conflict for what stands against it where the actor may see
    the firm; of a firm elsewhere nothing is told.
    """
    if not actor.may(Permission.ENTERPRISE_EDIT):
        raise Forbidden
    uscc = normalise_uscc(draft.uscc)
    problem = uscc_shape_error(uscc)
    if problem is not None:
        raise Invalid(problem, {"uscc": problem})
    target = get_region(session, draft.target_code)
    firm = stored_by_uscc(session, [uscc]).get(uscc)
    if firm is None and actor.level is Level.PROVINCE:
        # Who sees every firm may be told that there is none.
        raise Invalid(UNKNOWN, {"uscc": UNKNOWN})
    is_mine = firm is not None and actor.scope.covers(firm.region_path)
    source_code = str(firm.values["region_code"]) if firm is not None else None
    _refuse_target(actor, target, source_code if is_mine else None, is_mine=is_mine)
    if firm is not None and is_mine:
        _refuse_firm(session, firm.id, firm.status)
    now = clock.now()
    transfer = Transfer(
        uscc=uscc,
        enterprise_id=firm.id if firm else None,
        name=str(firm.values["name"]) if firm else "",
        source_code=source_code,
        target_code=target.code,
        asked_by=Side.SOURCE if is_mine else Side.TARGET,
        asked_code=actor.region_code,
        asked_unit=actor.region_name,
        reason=given_reason(draft.reason),
        account_id=actor.account_id,
        account_name=actor.name,
        created_at=now,
        updated_at=now,
    )
    try:
        with session.begin_nested():
            session.add(transfer)
            session.flush()
    except IntegrityError as error:
        raise Conflict(TAKEN) from error
    changes: Changes = {"target": [None, target.full_name]}
    _audit(session, actor, transfer, "ask", changes, transfer.reason)
    return queries.get_transfer(session, actor.scope, transfer.id)


def open_sides(actor: Actor, transfer: Transfer) -> list[Side]:
    """For which sides this person may agree now. Who asked does not agree, and nobody for both."""
    if (
        transfer.state is not TransferState.WAITING
        or not actor.may(Permission.CHANGE_REVIEW)
        or actor.account_id in {transfer.account_id, transfer.source_by, transfer.target_by}
    ):
        return []
    sides = ((Side.SOURCE, transfer.source_by), (Side.TARGET, transfer.target_by))
    return [side for side, by in sides if by is None and covers(actor, transfer, side)]


def covers(actor: Actor, transfer: Transfer, side: Side) -> bool:
    """Whether a side of the transfer is this person's unit or lies below it."""
    region = transfer.source if side is Side.SOURCE else transfer.target
    return region is not None and actor.scope.covers(region.path)


def shows_firm(actor: Actor, transfer: Transfer) -> bool:
    """Whether this person may be told which firm it is, and where: its own side, the side it was
    offered to, and once it has moved everybody concerned."""
    return (
        transfer.asked_by is Side.SOURCE
        or transfer.state is TransferState.MOVED
        or covers(actor, transfer, Side.SOURCE)
    )


def sees_firm(actor: Actor, transfer: Transfer) -> bool:
    """Whether the firm's own pages are open to this person now."""
    moved = transfer.state is TransferState.MOVED
    return covers(actor, transfer, Side.TARGET if moved else Side.SOURCE)


def may_refuse(actor: Actor, transfer: Transfer) -> bool:
    return transfer.state is TransferState.WAITING and actor.may(Permission.CHANGE_REVIEW)


def may_withdraw(actor: Actor, transfer: Transfer) -> bool:
    return (
        transfer.state is TransferState.WAITING
        and actor.may(Permission.ENTERPRISE_EDIT)
        and actor.region_code == transfer.asked_code
    )


def agree(
    session: Session, actor: Actor, transfer_id: int, side: Side, *, seen_version: int
) -> Transfer:
    """Agree for one side. With the second consent the firm moves, in the same transaction.

    Raises Forbidden for a side that is not this person's, for who asked and for who agreed for the
    other side; Conflict for a request that has moved on or a firm that cannot move now.
    """
    transfer = _seen(session, actor, transfer_id, seen_version)
    _refuse_hands(actor, transfer, side)
    said, now = f"{actor.region_name}{actor.name}", clock.now()
    transfer.updated_at = now
    if side is Side.SOURCE:
        transfer.source_by, transfer.source_said, transfer.source_at = actor.account_id, said, now
    else:
        transfer.target_by, transfer.target_said, transfer.target_at = actor.account_id, said, now
    if covers(actor, transfer, Side.SOURCE):
        _refuse_transfer(session, transfer)
    changes: Changes = {"side": [None, side.label]}
    if transfer.source_by is not None and transfer.target_by is not None:
        _move(session, actor, transfer)
        transfer.state, transfer.ended_at = TransferState.MOVED, now
        changes["state"] = [TransferState.WAITING.label, TransferState.MOVED.label]
    session.flush()
    _audit(session, actor, transfer, "agree", changes)
    return transfer


def refuse(
    session: Session, actor: Actor, transfer_id: int, *, seen_version: int, reason: str
) -> Transfer:
    """End a request for either side. Raises Invalid without a reason."""
    transfer = _seen(session, actor, transfer_id, seen_version)
    if not actor.may(Permission.CHANGE_REVIEW):
        raise Forbidden
    return _end(session, actor, transfer, TransferState.REFUSED, reason)


def withdraw(
    session: Session, actor: Actor, transfer_id: int, *, seen_version: int, reason: str
) -> Transfer:
    """Take a request back, by the unit that made it. Raises Invalid without a reason."""
    transfer = _seen(session, actor, transfer_id, seen_version)
    if not may_withdraw(actor, transfer):
        raise Forbidden(f"转移申请由提出的单位撤回：{transfer.asked_unit}。")
    return _end(session, actor, transfer, TransferState.WITHDRAWN, reason)


def _refuse_target(actor: Actor, target: Region, source_code: str | None, *, is_mine: bool) -> None:
    sentence = ""
    if not is_mine and not actor.scope.covers(target.path):
        sentence = FOREIGN
    elif target.path.count("/") == 1:
        sentence = "转入地区不能是省，请选到市州或区县"
    elif target.path.split("/")[0] != actor.scope.path.split("/")[0]:
        sentence = "转入外省的，请办理企业迁出"
    elif target.code == source_code:
        sentence = "企业已在这个地区，不需要转移"
    if sentence:
        raise Invalid(sentence, {"target": sentence})


def _refuse_firm(session: Session, enterprise_id: int, status: EnterpriseStatus) -> None:
    if status is not EnterpriseStatus.ACTIVE:
        raise Conflict(f"该企业{status.label}，不能转移。")
    sentence = queries.in_review(session, [enterprise_id]).get(enterprise_id)
    if sentence:
        raise Conflict(sentence)


def _refuse_transfer(session: Session, transfer: Transfer) -> None:
    """What stands against it, for those who may see the firm."""
    firm = stored_by_uscc(session, [transfer.uscc], lock=True).get(transfer.uscc)
    if firm is None or firm.values["region_code"] != transfer.source_code:
        raise Conflict(enterprises.GONE)
    _refuse_firm(session, firm.id, firm.status)


def _refuse_hands(actor: Actor, transfer: Transfer, side: Side) -> None:
    if not actor.may(Permission.CHANGE_REVIEW):
        raise Forbidden
    if actor.account_id == transfer.account_id:
        raise Forbidden("这份转移申请由本账号提出，须由他人同意。")
    if actor.account_id in {transfer.source_by, transfer.target_by}:
        raise Forbidden("另一方已由本账号同意，同一人不能代表双方。")
    if (transfer.source_by if side is Side.SOURCE else transfer.target_by) is not None:
        raise Conflict(f"{side.label}已经同意，没有重复办理。")
    if side not in open_sides(actor, transfer):
        raise Forbidden(f"{side.label}不在本单位管辖范围，由其所在单位或上级同意。")


def _move(session: Session, actor: Actor, transfer: Transfer) -> None:
    """Raises Conflict, in words that tell nothing to who may not see the firm."""
    try:
        if transfer.source_code is None or transfer.source is None:
            raise Conflict(NOT_NOW)
        _refuse_transfer(session, transfer)
        enterprises.transfer(
            session,
            actor,
            transfer.uscc,
            source_code=transfer.source_code,
            target_code=transfer.target_code,
            note=f"企业转移，转出方{transfer.source_said}、转入方{transfer.target_said}同意",
        )
    except Conflict as refusal:
        if covers(actor, transfer, Side.SOURCE):
            raise
        raise Conflict(NOT_NOW) from refusal


def _seen(session: Session, actor: Actor, transfer_id: int, seen_version: int) -> Transfer:
    transfer = queries.get_transfer(session, actor.scope, transfer_id, lock=True)
    if transfer.state is not TransferState.WAITING:
        raise Conflict(f"这份转移申请{_last(transfer)}，没有重复办理。请刷新后查看。")
    if transfer.version != seen_version:
        said = f"（{_last(transfer)}）" if transfer.source_at or transfer.target_at else ""
        raise Conflict(f"这份转移申请刚有变动{said}，没有办理。请刷新后再办理。")
    return transfer


def _last(transfer: Transfer) -> str:
    """Who was faster."""
    if transfer.ended_said and transfer.ended_at is not None:
        at = clock.local(transfer.ended_at)
        return f"已由{transfer.ended_said}于 {at:%m月%d日 %H:%M} 办理，现为“{transfer.state.label}”"
    given = [
        (at, side.label, said)
        for at, side, said in (
            (transfer.source_at, Side.SOURCE, transfer.source_said),
            (transfer.target_at, Side.TARGET, transfer.target_said),
        )
        if at is not None
    ]
    if not given:
        return "页面已过期"
    at, label, said = max(given)
    return (
        f"已由{said}于 {clock.local(at):%m月%d日 %H:%M} 代表{label}同意，"
        f"现为“{transfer.state.label}”"
    )


def _end(
    session: Session, actor: Actor, transfer: Transfer, state: TransferState, reason: str
) -> Transfer:
    transfer.end_reason = given_reason(reason)
    transfer.state, transfer.ended_by = state, actor.account_id
    transfer.ended_said = f"{actor.region_name}{actor.name}"
    transfer.ended_at = transfer.updated_at = clock.now()
    session.flush()
    action = "refuse" if state is TransferState.REFUSED else "withdraw"
    changes: Changes = {"state": [TransferState.WAITING.label, state.label]}
    _audit(session, actor, transfer, action, changes, transfer.end_reason)
    return transfer


def _audit(
    session: Session,
    actor: Actor,
    transfer: Transfer,
    action: str,
    changes: Changes,
    note: str = "",
) -> None:
    """By the code alone: not everybody who reads of the request may know the firm."""
    event = Event(
        action=action,
        object_type=OBJECT_TYPE,
        object_id=transfer.id,
        object_label=transfer.uscc,
        changes=changes,
        note=note,
    )
    audit_services.write(session, actor, event)
