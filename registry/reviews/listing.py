"""The list of applications and the queue, in which several may be passed at once.

Its address belongs to `applications`; what a reviewer has to know of each case is known here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from flask import render_template, request
from flask.typing import ResponseReturnValue

from registry import clock, links
from registry.applications import deadlines, looks, queries, stepping
from registry.applications.blueprint import bp
from registry.applications.forms import ApplicationQuery
from registry.applications.models import Application, Look
from registry.applications.workflow import State, Transition, awaited_by
from registry.enterprises.places import place
from registry.permissions import Permission
from registry.regions.scoping import narrow_by_words
from registry.reviews import book, checks
from registry.reviews.checks import Check
from registry.reviews.forms import DecisionForm
from registry.reviews.services import TOGETHER
from registry.web import current_actor, db_session, requires


@dataclass(frozen=True, slots=True)
class Waiting:
    """A case that waits for a reviewer, with what they have to know before they pass it.

    `passing` is the decision that may be taken of it together with others, None where the checks
    `against` stand in the way.
    """

    look: Look | None
    against: Sequence[Check]
    passing: Transition | None


@bp.get("/applications")
@requires(Permission.APPLICATION_VIEW)
def list_applications() -> ResponseReturnValue:
    """Every application in scope; `?queue=1` those that wait for this person."""
    session, actor = db_session(), current_actor()
    is_queue = bool(request.args.get("queue"))
    form = ApplicationQuery(request.args)
    form.offer([(one.id, one.name) for one in queries.list_rounds(session)])
    scope, region_name = narrow_by_words(session, actor.scope, form.typed("region"))
    wanted = form.filter()
    waiting = awaited_by(actor)
    if is_queue:
        wanted = replace(wanted, states=waiting)
    counts = queries.count_by_state(session, scope, replace(wanted, states=()))
    page = queries.list_applications(
        session, scope, wanted, links.asked_window(), form.asked_sort, actor.account_id
    )
    may_review = is_queue and actor.may(Permission.APPLICATION_REVIEW)
    reviewed = _reviewed(page.rows) if may_review else {}
    passing = {one.passing.action: one.passing for one in reviewed.values() if one.passing}
    return render_template(
        "applications/list_applications.html",
        form=form,
        wanted=wanted,
        is_queue=is_queue,
        may_review=may_review,
        reviewed=reviewed,
        passing=list(passing.values()),
        decision=DecisionForm(formdata=None),
        waiting=waiting,
        waiting_count=sum(counts.get(state, 0) for state in waiting),
        counts=counts,
        page=page,
        due=deadlines.due_by_id(session, [row.id for row in page.rows]),
        states=State,
        sort=form.asked_sort,
        region_name=region_name,
        place=place,
        today=clock.now(),
        export_args=request.args.to_dict() | {"page": None, "size": None, "sort": None},
        changed_url=links.changed_url,
        page_url=links.page_url,
        size_url=links.size_url,
    )


@bp.route("/applications/export", methods=["GET", "POST"])
@requires(Permission.EXPORT)
def export_applications() -> ResponseReturnValue:
    """申报汇总表 of what the list shows; a long one is begun by POST."""
    return book.summary.hand_over()


def _reviewed(cases: Sequence[Application]) -> dict[int, Waiting]:
    """By application, in a few queries for the page."""
    session, actor = db_session(), current_actor()
    seen = looks.of_cases(session, actor, [case.id for case in cases])
    checked = checks.of_cases(session, actor, cases)
    found: dict[int, Waiting] = {}
    for case in cases:
        against = [one for one in checked[case.id] if not one.passes]
        moves = [move for move in stepping.moves_of(actor, case) if move.action in TOGETHER]
        passing = moves[0] if moves and not against else None
        found[case.id] = Waiting(seen.get(case.id), against, passing)
    return found
