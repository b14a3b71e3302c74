"""What is kept of a case and of a title, and what is printed of them: 申请表, 审核表, 企业档案."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue

from registry import clock
from registry.applications import freezing, queries, stepping
from registry.applications.models import Application, Copy
from registry.applications.workflow import EDITABLE, STAGES, Authority, State, skipped_by
from registry.assessments.queries import get_kept
from registry.assessments.services import differences, replay
from registry.enterprises import lifecycle
from registry.enterprises import queries as firms
from registry.enterprises.catalogue import CONTACT_KEYS, FIELDS
from registry.enterprises.contact import masked
from registry.enterprises.models import Enterprise
from registry.enterprises.places import place
from registry.errors import Conflict
from registry.evidence.queries import unchanged_proofs
from registry.notices import queries as notices
from registry.permissions import Permission
from registry.profiles import papers
from registry.profiles.blueprint import bp
from registry.profiles.chain import applied_of, chain_of
from registry.recognitions import queries as recognitions
from registry.recognitions.ladder import ladder
from registry.reviews import telling
from registry.seen import is_row_number
from registry.web import current_actor, db_session, requires


@bp.get("/applications/<int:application_id>/copies/<int:turn>")
@requires(Permission.APPLICATION_VIEW)
def frozen_copy(application_id: int, turn: int) -> ResponseReturnValue:
    """What was handed in in one turn, with what was decided of it, as it stood then."""
    session, actor = db_session(), current_actor()
    case = _case(application_id)
    copy = queries.get_copy(session, case.id, turn)
    before = queries.last_copy(session, case.id, before=turn)
    kept = get_kept(session, actor.scope, copy.assessment_id) if copy.assessment_id else None
    again = replay(kept) if kept else None
    steps = [step for step in queries.list_steps(session, case.id) if step.turn == turn]
    return render_template(
        "profiles/show_copy.html",
        application=case,
        copy=copy,
        turns=queries.turns_by_case(session, [case.id])[case.id],
        before=before,
        changes=freezing.differences(before.cells, copy.cells) if before else [],
        still_there=unchanged_proofs(session, copy.proofs),
        kept=kept,
        found=again,
        unlike=differences(kept, again) if kept and again else [],
        told=telling.timeline(steps),
    )


@bp.get("/recognitions/<int:recognition_id>/chain")
@requires(Permission.RECOGNITION_VIEW)
def title_chain(recognition_id: int) -> ResponseReturnValue:
    """认定经过: from the round to the announcement and on, or that a title was entered by hand."""
    session, actor = db_session(), current_actor()
    title = recognitions.get_recognition(session, actor.scope, recognition_id)
    return render_template(
        "profiles/title_chain.html",
        recognition=title,
        chain=chain_of(session, actor.scope, title),
        timeline=telling.timeline,
        place=place,
        today=clock.today(),
    )


@bp.get("/applications/<int:application_id>/form")
@requires(Permission.APPLICATION_VIEW)
def application_paper(application_id: int) -> ResponseReturnValue:
    """申请表 of what was handed in (`?turn=`, the last without), or of a draft as it stands."""
    return _application_paper(_case(application_id), revealed=False)


@bp.post("/applications/<int:application_id>/form/full")
@requires(Permission.CONTACT_REVEAL)
def application_paper_in_full(application_id: int) -> ResponseReturnValue:
    """The same with the contact in full; who looked is kept."""
    case = _case(application_id)
    lifecycle.reveal_contact(db_session(), current_actor(), case.enterprise_id)
    return _application_paper(case, revealed=True)


@bp.get("/applications/<int:application_id>/opinions")
@requires(Permission.APPLICATION_VIEW)
def opinions_paper(application_id: int) -> ResponseReturnValue:
    """审核表: what each level has said, with the place for its seal."""
    session, case = db_session(), _case(application_id)
    if not case.turn:
        raise Conflict("这份申报还没有提交，没有审核表。")
    steps = queries.list_steps(session, case.id)
    copy = queries.last_copy(session, case.id)
    is_ministry = stepping.authority_of(case.round.title) is Authority.MINISTRY
    kept_id = copy.assessment_id if copy else None
    return render_template(
        "profiles/paper_opinions.html",
        application=case,
        stages=[*STAGES, State.RECOMMENDED] if is_ministry else STAGES,
        skipped=skipped_by(stepping.region_level(case)),
        opinions=papers.opinions(steps),
        steps=telling.timeline(steps),
        kept=get_kept(session, current_actor().scope, kept_id) if kept_id else None,
        notices=notices.entries_of_case(session, case.id),
        announced=applied_of(session, [case])[0].grant,
        local=clock.local,
    )


@bp.get("/enterprises/<int:enterprise_id>/paper")
@requires(Permission.ENTERPRISE_VIEW)
def firm_paper(enterprise_id: int) -> ResponseReturnValue:
    """企业档案 on paper."""
    firm = firms.get_enterprise(db_session(), current_actor().scope, enterprise_id)
    return _firm_paper(firm, revealed=False)


@bp.post("/enterprises/<int:enterprise_id>/paper/full")
@requires(Permission.CONTACT_REVEAL)
def firm_paper_in_full(enterprise_id: int) -> ResponseReturnValue:
    """The same with the contact in full; who looked is kept."""
    firm = lifecycle.reveal_contact(db_session(), current_actor(), enterprise_id)
    return _firm_paper(firm, revealed=True)


def _case(application_id: int) -> Application:
    return queries.get_application(db_session(), current_actor().scope, application_id)


def _application_paper(case: Application, *, revealed: bool) -> str:
    session, actor = db_session(), current_actor()
    copy = _copy(case)
    cells = copy.cells if copy else freezing.read_cells(session, actor.scope, case)
    proofs: Sequence[Mapping[str, Any]] = (
        copy.proofs if copy else freezing.read_proofs(session, actor.scope, case.enterprise_id)
    )
    return render_template(
        "profiles/paper_application.html",
        application=case,
        copy=copy,
        sheet=papers.sheet_of(cells),
        proofs=proofs,
        contact=_contact(case.enterprise, revealed=revealed),
        revealed=revealed,
    )


def _copy(case: Application) -> Copy | None:
    """The turn that is asked for; else the last one, or None while the firm works at it."""
    asked = request.values.get("turn", "")
    if is_row_number(asked) and int(asked):
        return queries.get_copy(db_session(), case.id, int(asked))
    return None if case.state in EDITABLE else queries.last_copy(db_session(), case.id)


def _firm_paper(firm: Enterprise, *, revealed: bool) -> str:
    session, actor, today = db_session(), current_actor(), clock.today()
    held = recognitions.list_of_enterprise(session, actor.scope, firm.id)
    cells = freezing.firm_cells(session, actor.scope, firm, clock.last_complete_year())
    return render_template(
        "profiles/paper_firm.html",
        firm=firm,
        sheet=papers.sheet_of(cells),
        ladder=ladder(held, today),
        held=held,
        applied=applied_of(session, queries.list_of_enterprise(session, firm.id)),
        names=firms.list_names(session, firm.id),
        regions=firms.list_regions(session, firm.id),
        contact=_contact(firm, revealed=revealed),
        revealed=revealed,
        today=today,
    )


def _contact(firm: Enterprise, *, revealed: bool) -> list[tuple[str, str]]:
    """As it stands in the register: it is never frozen."""
    found: list[tuple[str, str]] = []
    for spec in FIELDS:
        if spec.key in CONTACT_KEYS:
            text = getattr(firm, spec.key) or ""
            found.append((spec.label, text if revealed else masked(spec.key, text)))
    return found
