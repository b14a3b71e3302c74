"""申报: opening one for a firm, writing what belongs to it alone, and handing it in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from registry import clock
from registry.applications import freezing, grounds, looks, queries, stepping
from registry.applications.basis import titles_below
from registry.applications.models import Application, Copy, Round
from registry.applications.stepping import take, tell
from registry.applications.workflow import EDITABLE, ENDED, Action, State
from registry.assessments.models import StoredAssessment
from registry.assessments.services import Asked, Assessed, assess_by, keep, read_facts
from registry.audit.services import Changes
from registry.enterprises.models import Enterprise
from registry.enterprises.queries import get_enterprise
from registry.errors import Conflict, Forbidden, Invalid
from registry.permissions import Actor, Permission, Scope
from registry.policy import titles
from registry.policy.clauses import RoundKind
from registry.recognitions.catalogue import Title
from registry.recognitions.models import Recognition
from registry.recognitions.queries import list_of_enterprises

STALE = "这份申报刚被他人修改过，请刷新后再保存。"
UNCHANGED = "退回之后没有任何改动，请先按退回意见补正再提交"


def banned_until(recognitions: list[Recognition]) -> date | None:
    """The day on which a firm may apply again whose title was revoked, or cancelled with a ban."""
    ends = [one.ban_until for one in recognitions if one.ban_until is not None]
    latest = max(ends, default=None)
    return latest if latest is not None and latest > clock.today() else None


def refusals(session: Session, actor: Actor, firm: Enterprise, round_: Round) -> list[str]:
    """What stands against an application before it is begun, each as a sentence."""
    return refusals_of(session, actor, [(firm, round_)])[0]


def refusals_of(
    session: Session, actor: Actor, wanted: Sequence[tuple[Enterprise, Round]]
) -> list[list[str]]:
    """The same of many firms, in their order, in as many queries as of one."""
    firms = {firm.id for firm, _ in wanted}
    held = list_of_enterprises(session, actor.scope, firms)
    applied: dict[int, list[Application]] = {}
    for one in queries.of_enterprises(session, firms):
        applied.setdefault(one.enterprise_id, []).append(one)
    return [
        _refusals(firm, round_, held.get(firm.id, []), applied.get(firm.id, []))
        for firm, round_ in wanted
    ]


def cautions_of(
    session: Session, actor: Actor, wanted: Sequence[tuple[Enterprise, Round]]
) -> list[list[str]]:
    """What has to be looked into before the firm is confirmed, which does not keep it from applying."""
    held = list_of_enterprises(session, actor.scope, {firm.id for firm, _ in wanted})
    due = [_due(round_, held.get(firm.id, [])) for firm, round_ in wanted]
    found = grounds.cautions(session, [one for titles in due for one in titles])
    return [[said for one in titles for said in found.get(one.id, [])] for titles in due]


def _refusals(
    firm: Enterprise, round_: Round, held: list[Recognition], applied: list[Application]
) -> list[str]:
    found = [*_refusals_of_firm(firm, held), *_refusals_of_title(round_, held)]
    for other in applied:
        words = f"该企业在“{other.round.name}”中的申报现为“{other.state.label}”"
        if other.round.title is round_.title and other.state not in ENDED:
            found.append(f"{words}，尚未办结")
        elif other.round_id == round_.id:
            found.append(f"{words}，同一批次只能申报一次")
    return found


def _refusals_of_firm(firm: Enterprise, held: list[Recognition]) -> list[str]:
    """What may come upon a firm at any time, also between the beginning and the handing in."""
    found = [] if firm.is_active else [f"该企业{firm.status.label}，不能申报"]
    ban = banned_until(held)
    if ban is not None:
        found.append(f"该企业称号曾被撤销或取消，{ban} 之前不得再申报")
    return found


def _refusals_of_title(round_: Round, held: list[Recognition]) -> list[str]:
    """A title that is held, or granted from a day to come, is not applied for anew; one that is not
    held is not confirmed."""
    title, lacking = round_.title, _titles_lacking(round_, held)
    same = [one for one in held if one.title is title and not one.is_ended]
    coming = [one for one in same if one.valid_from > clock.today()]
    if coming:
        return [f"该企业已取得{title.label}称号，自 {coming[0].valid_from} 起有效，不需要再申报"]
    if round_.kind is RoundKind.RENEWAL:
        due = _renewable(round_, held)
        return lacking if due else [f"该企业没有可以复核的{title.label}称号", *lacking]
    valid = [one for one in same if one.state_on(clock.today()).holds]
    if valid:
        return [f"该企业已是{title.label}，有效期至 {valid[0].valid_to}，到期前申请复核即可"]
    return lacking


def _titles_lacking(round_: Round, held: list[Recognition]) -> list[str]:
    """The titles below that the round's standard asks for (policy §1.1 articles 11-12, §2.2, §2.3)
    and the registry does not have. 科技型 is granted elsewhere, so it says where to enter it."""
    today = clock.today()
    valid = {one.title for one in held if one.state_on(today).holds}
    below = titles_below(round_.rule_set, round_.kind) if round_.rule_set else ()
    return [
        f"该企业没有登记有效的{one.words}称号，{one.source}要求先取得"
        + ("；科技部门已入库的，请先登记科技型中小企业称号" if Title.TECH_SME in one.titles else "")
        for one in below
        if not valid.intersection(one.titles)
    ]


def _renewable(round_: Round, held: list[Recognition]) -> list[Recognition]:
    """The titles that a round of 复核 may confirm, the latest first: those that end in its year, the
    year before, or the year after, of whose first months some notices take them (policy §10, A-)."""
    return [
        one
        for one in held
        if one.title is round_.title
        and not one.is_ended
        and one.valid_from <= clock.today()
        and abs(one.valid_to.year - round_.year) <= 1
    ]


def _due(round_: Round, held: list[Recognition]) -> list[Recognition]:
    """The one title that a round of 复核 would confirm, if there is one: its yearly updates count."""
    return _renewable(round_, held)[:1] if round_.kind is RoundKind.RENEWAL else []


def open_application(
    session: Session, actor: Actor, round_id: int, enterprise_id: int
) -> Application:
    """Begin an application for a firm. Raises Forbidden, NotFound, and Conflict with everything
    that stands against it."""
    if not actor.may(Permission.APPLICATION_EDIT):
        raise Forbidden
    round_ = queries.get_round(session, round_id)
    firm = get_enterprise(session, actor.scope, enterprise_id, lock=True)
    against = refusals(session, actor, firm, round_)
    if against:
        raise Conflict("；".join(against) + "。")
    now = clock.now()
    application = Application(
        round_id=round_.id,
        enterprise_id=firm.id,
        state=State.FILLING,
        product=firm.leading_product or "",
        created_by=actor.account_id,
        created_by_name=actor.name,
        waits_since=now,
        created_at=now,
        updated_at=now,
    )
    application.round, application.enterprise = round_, firm
    stepping.refuse_late(session, application, Action.SUBMIT)
    try:
        with session.begin_nested():
            session.add(application)
            session.flush()
    except IntegrityError as error:
        raise Conflict("该企业在这一批次中已有申报，请刷新后查看。") from error
    tell(session, actor, application, "open")
    return application


def save(
    session: Session,
    actor: Actor,
    application_id: int,
    *,
    seen_version: int,
    product: str,
    note: str,
) -> Application:
    """Write what belongs to the application alone; the rest stays in the registry. Raises Conflict
    for one that is with the reviewers or was changed meanwhile."""
    if not actor.may(Permission.APPLICATION_EDIT):
        raise Forbidden
    application = queries.get_application(session, actor.scope, application_id, lock=True)
    if application.version != seen_version:
        raise Conflict(STALE)
    if application.state not in EDITABLE:
        raise Conflict(f"这份申报现为“{application.state.label}”，不能修改。")
    given = {"product": product.strip(), "note": note.strip()}
    changes: Changes = {
        key: [getattr(application, key) or None, text or None]
        for key, text in given.items()
        if getattr(application, key) != text
    }
    if changes:
        application.product, application.note = given["product"], given["note"]
        application.updated_at = clock.now()
        session.flush()
        tell(session, actor, application, "update", changes)
    return application


def submit(
    session: Session, actor: Actor, application_id: int, *, seen_version: int
) -> Application:
    """Hand an application in: the step, and a copy of all it stands on. Raises Invalid for one that
    lacks something, or that was returned and has not changed since."""
    seen = queries.get_application(session, actor.scope, application_id)
    # So that the standard it is assessed by is still the round's when it is handed in.
    queries.hold_round(session, seen.round_id)
    # Before the case, as everybody locks it who imports or moves a firm: it stays where it is.
    get_enterprise(session, actor.scope, seen.enterprise_id, lock=True)
    application = queries.get_application(session, actor.scope, application_id, lock=True)
    cells = freezing.read_cells(session, actor.scope, application)
    _refuse_unready(session, actor, application, cells)
    take(session, actor, application_id, Action.SUBMIT, seen_version=seen_version)
    kept = _assess(session, actor, application)
    copy = Copy(
        application_id=application.id,
        turn=application.turn,
        cells=cells,
        proofs=freezing.read_proofs(session, actor.scope, application.enterprise_id),
        assessment_id=kept.id if kept else None,
        made_at=clock.now(),
        account_id=actor.account_id,
        account_name=actor.name,
    )
    session.add(copy)
    session.flush()
    looks.recount(session, copy)
    return application


def standing(session: Session, scope: Scope, application: Application) -> Assessed | None:
    """How the firm stands to the round's standard now; None for a round without a basis."""
    rule_set = application.round.rule_set
    if not rule_set:
        return None
    asked = _asked(application.round)
    facts = read_facts(session, scope, application.enterprise_id, asked)
    return assess_by(titles.rule_text(rule_set), facts, asked)


def _asked(round_: Round) -> Asked:
    return Asked(title=round_.title, kind=round_.kind, year=round_.year)


def _refuse_unready(
    session: Session, actor: Actor, application: Application, cells: freezing.Cells
) -> None:
    firm = application.enterprise
    against = _refusals_of_firm(
        firm, list_of_enterprises(session, actor.scope, [firm.id]).get(firm.id, [])
    )
    if against:
        raise Invalid("；".join(against))
    if not application.product:
        raise Invalid("请填写主导产品", {"product": "请填写主导产品"})
    if application.state is State.RETURNED:
        before = queries.last_copy(session, application.id)
        proofs = freezing.read_proofs(session, actor.scope, application.enterprise_id)
        if before and before.proofs == proofs and not freezing.differences(before.cells, cells):
            raise Invalid(f"{UNCHANGED}。{_asked_for(session, application)}")


def _asked_for(session: Session, application: Application) -> str:
    steps = queries.list_steps(session, application.id)
    last = [step for step in steps if step.action is Action.RETURN][-1]
    return f"退回意见：{last.opinion}"


def _assess(session: Session, actor: Actor, application: Application) -> StoredAssessment | None:
    round_ = application.round
    if not round_.rule_set:
        return None
    return keep(
        session,
        actor,
        application.enterprise_id,
        _asked(round_),
        reason=f"{round_.name}第 {application.turn} 次提交",
        rule_set=round_.rule_set,
    )
