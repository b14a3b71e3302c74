"""认定标准: the rule sets, what each asks, and what differs between two."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from registry.permissions import Permission
from registry.policies import overview
from registry.policy.comparing import difference
from registry.web import requires

bp = Blueprint("policies", __name__)


@bp.get("/policies")
@requires(Permission.REFERENCE_VIEW)
def list_rule_sets() -> ResponseReturnValue:
    return render_template(
        "policies/list_rule_sets.html",
        sheets=overview.sheets(),
        rounds=overview.round_lines(),
    )


@bp.get("/policies/<rule_set>")
@requires(Permission.REFERENCE_VIEW)
def show(rule_set: str) -> ResponseReturnValue:
    return render_template(
        "policies/show.html",
        sheet=overview.sheet(rule_set),
        rounds=overview.rounds_of(rule_set),
    )


@bp.get("/policies/compare")
@requires(Permission.REFERENCE_VIEW)
def compare() -> ResponseReturnValue:
    """`?a=` beside `?b=`; the form alone until both are chosen."""
    chosen = [request.args.get(name, "") for name in ("a", "b")]
    found = None
    if all(chosen):
        found = difference(*(overview.described_rules(id_) for id_ in chosen))
    options = [
        (one.citation.id, f"{one.citation.id}（{one.title.short_label}）")
        for one in overview.sheets()
        if one.title
    ]
    return render_template(
        "policies/compare.html", old=chosen[0], new=chosen[1], found=found, options=options
    )
