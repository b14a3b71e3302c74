"""评价: what-ifs on a copy, and assessments that are kept, shown and replayed.

The clause table itself is a tab of the firm's page, in `profiles`.
"""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from registry.assessments import kept_facts, queries, services
from registry.assessments.catalogue import FACTS
from registry.assessments.forms import KeepForm, WhatIfForm
from registry.assessments.keeping import facts_from_json
from registry.assessments.overview import FirmRound, open_round, round_words, suppose
from registry.assessments.services import Assessed
from registry.enterprises.models import Enterprise
from registry.enterprises.queries import get_enterprise
from registry.errors import Conflict, Invalid
from registry.permissions import Permission
from registry.policy.clauses import RoundKind
from registry.web import current_actor, db_session, requires

bp = Blueprint("assessments", __name__)


@bp.get("/enterprises/<int:enterprise_id>/clauses/what-if")
@requires(Permission.ENTERPRISE_VIEW)
def what_if(enterprise_id: int) -> ResponseReturnValue:
    """Other figures on a copy of the facts: all of it stands in the address, nothing is stored."""
    firm, round_, assessed = _open(enterprise_id)
    form = WhatIfForm(assessed.rules, assessed.facts, round_.asked.kind, request.args)
    is_good = not form.is_asked or form.validate()
    page = render_template(
        "assessments/what_if.html",
        firm=firm,
        round=round_,
        form=form,
        found=suppose(assessed, form.changes()) if form.is_asked and is_good else None,
    )
    return page, 200 if is_good else 422


@bp.route("/enterprises/<int:enterprise_id>/clauses/keep", methods=["GET", "POST"])
@requires(Permission.ASSESSMENT_KEEP)
def keep(enterprise_id: int) -> ResponseReturnValue:
    """留存评价."""
    firm, round_, assessed = _open(enterprise_id)
    form = KeepForm()
    if form.validate_on_submit():
        try:
            kept = services.keep(
                db_session(), current_actor(), firm.id, round_.asked, reason=form.reason.data or ""
            )
        except Invalid as refusal:
            form.add_errors(refusal.fields)
        else:
            flash("评价已留存，以后可以按当时的标准和数据重新推算。", "success")
            return redirect(url_for(".show", assessment_id=kept.id))
    page = render_template(
        "assessments/keep.html", firm=firm, round=round_, assessed=assessed, form=form
    )
    return page, 422 if form.is_submitted() else 200


@bp.get("/assessments/<int:assessment_id>")
@requires(Permission.ENTERPRISE_VIEW)
def show(assessment_id: int) -> ResponseReturnValue:
    """What was kept, in the words of that day; `?replay=1` works it out once more."""
    kept = queries.get_kept(db_session(), current_actor().scope, assessment_id)
    is_replayed = bool(request.args.get("replay"))
    differences = services.differences(kept, services.replay(kept)) if is_replayed else []
    return render_template(
        "assessments/show.html",
        kept=kept,
        firm=kept.enterprise,
        words=round_words(kept.title, RoundKind(kept.kind), kept.year),
        verdict_word=services.verdict_word,
        told=kept_facts.told(facts_from_json(kept.facts), FACTS),
        is_replayed=is_replayed,
        differences=differences,
    )


def _open(enterprise_id: int) -> tuple[Enterprise, FirmRound, Assessed]:
    """Raises Conflict for a round without a basis."""
    session, actor = db_session(), current_actor()
    firm = get_enterprise(session, actor.scope, enterprise_id)
    round_ = open_round(session, actor.scope, firm.id, request.args)
    if round_.assessed is None:
        raise Conflict(f"未配置依据：{round_.round.reason}。请改选其他称号、类别或年度。")
    return firm, round_, round_.assessed
