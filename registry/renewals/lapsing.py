"""办结复核批次: ending the titles that a round of 复核 has not confirmed.

A title runs to its own last day, whatever came of its 复核 (policy §9.1: 有效期满 comes before
失效; §0.3: certificates run to their own expiry). One that was kept for its 复核 has stopped
counting with the decision. So what is ended here is always past its validity.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from registry import clock
from registry.applications import queries as applications
from registry.applications import rounds
from registry.applications.models import Application, Round
from registry.applications.workflow import State
from registry.audit import services as audit_services
from registry.audit.services import Event
from registry.audit.writing import given_reason
from registry.enterprises.queries import firms_by_id
from registry.errors import Conflict, Invalid
from registry.permissions import Actor
from registry.policy.clauses import RoundKind
from registry.recognitions import lifecycle
from registry.recognitions.catalogue import EndKind
from registry.recognitions.lifecycle import Ending
from registry.recognitions.models import Recognition
from registry.renewals import queries

LONGEST_NUMBER = 80
LONGEST_REASON = 400
MOVED = "名单刚有变动，请刷新核对后再办理。"
Seen = tuple[int, int]
"""A title as a page showed it: its id and version."""
_FATES = {
    State.REJECTED: "复核未通过",
    State.WITHDRAWN: "放弃复核申请",
    State.LAPSED: "未在期限内提交复核申请",
    State.RETURNED: "退回后未再提交复核申请",
    State.FILLING: "未提交复核申请",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Lapse:
    """A title that a round has left unconfirmed. `waits_for`: why it cannot be ended today; empty
    where it can."""

    held: Recognition
    case: Application | None
    fate: str
    waits_for: str


def require_finished(session: Session, actor: Actor, round_: Round) -> None:
    """Raises Forbidden below the province, Conflict for a round that is none of 复核 or still
    runs; its last minute still belongs to it."""
    rounds.require_setter(actor)
    if round_.kind is not RoundKind.RENEWAL:
        raise Conflict("这是新认定批次，没有需要办结的称号。")
    until = queries.finished_at(session, round_)
    if clock.now() <= until:
        raise Conflict(f"批次至 {clock.local(until):%Y-%m-%d %H:%M} 结束，之后可以办结。")


def preview(session: Session, actor: Actor, round_: Round) -> list[Lapse]:
    """What a round has left unconfirmed; those that can be ended today first."""
    held = queries.unrenewed(session, actor.scope, round_.title, round_.year)
    firms = {one.enterprise_id for one in held}
    cases = queries.cases_of(session, firms, round_.year)
    running = queries.open_cases(session, firms, round_.title)
    found = []
    for one in held:
        case = cases.get((one.enterprise_id, one.title))
        if case is None or case.state is not State.GRANTED:
            found.append(_lapse(one, case, running.get(one.enterprise_id)))
    return sorted(found, key=lambda lapse: bool(lapse.waits_for))


def close(
    session: Session,
    actor: Actor,
    round_id: int,
    chosen: Sequence[Seen],
    *,
    document_no: str,
    reason: str,
) -> int:
    """End the chosen titles, all at once, from today. Returns how many.

    Raises Invalid without a document number, a reason or a title, Conflict for a round that runs
    and for a title that has changed since it was seen or cannot be ended.
    """
    round_ = applications.get_round(session, round_id, lock=True)
    require_finished(session, actor, round_)
    document_no, reason = _given(document_no, reason)
    if not chosen:
        raise Invalid("请至少选择一家企业", {"cases": "请至少选择一家企业"})
    ready = {
        (lapse.held.id, lapse.held.version): lapse
        for lapse in preview(session, actor, round_)
        if not lapse.waits_for
    }
    if not set(chosen) <= set(ready):
        raise Conflict(MOVED)
    taken = [ready[one] for one in sorted(set(chosen))]
    # Firms before their titles, as everybody locks them who writes a title.
    firms_by_id(session, actor.scope, {one.held.enterprise_id for one in taken}, lock=True)
    for lapse in taken:
        ending = Ending(
            kind=EndKind.EXPIRED,
            ended_on=clock.today(),
            reason=f"{round_.name}，{lapse.fate}：{reason}",
            document_no=document_no,
        )
        held = lapse.held
        lifecycle.end(session, actor, held.id, ending, seen_version=held.version)
    event = Event(
        action="close",
        object_type=rounds.OBJECT_TYPE,
        object_id=round_.id,
        object_label=round_.name,
        changes={"ending_no": [None, document_no], "firms": [None, str(len(taken))]},
        note=reason,
    )
    audit_services.write(session, actor, event)
    return len(taken)


def _lapse(held: Recognition, case: Application | None, running: Application | None) -> Lapse:
    """`running`: the firm's case that is under review, here or in a later round. One that was
    returned here was not handed in again in its time."""
    waits_for = ""
    if running is not None and (running is not case or running.state is not State.RETURNED):
        waits_for = f"在“{running.round.name}”中在办，现为“{running.state.label}”"
    elif held.valid_to >= clock.today():
        waits_for = f"有效期至 {held.valid_to}，期满后办理"
    fate = "未申请复核" if case is None else _FATES.get(case.state, "")
    return Lapse(held=held, case=case, fate=fate, waits_for=waits_for)


def _given(document_no: str, reason: str) -> tuple[str, str]:
    document_no, reason = document_no.strip(), given_reason(reason)
    if not document_no:
        raise Invalid("请填写文号", {"document_no": "请填写文号"})
    for key, text, longest in (
        ("document_no", document_no, LONGEST_NUMBER),
        ("reason", reason, LONGEST_REASON),
    ):
        if len(text) > longest:
            sentence = f"最多 {longest} 个字，请缩短"
            raise Invalid(sentence, {key: sentence})
    return document_no, reason
