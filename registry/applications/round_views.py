"""申报批次: the list, one round with its progress, the calendar, and setting rounds and exceptions."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from registry import clock, links
from registry.applications import closing, queries, round_progress, rounds, timetable
from registry.applications.basis import basis_of
from registry.applications.blueprint import bp
from registry.applications.models import Round
from registry.applications.round_forms import ExtensionForm, RoundForm, asked_for, shown
from registry.applications.round_progress import Group, Progress
from registry.applications.workflow import State
from registry.audit import queries as audit_queries
from registry.errors import Conflict, Invalid
from registry.forms import ReasonForm
from registry.paging import Page
from registry.permissions import Permission
from registry.policy import rounds as rule_rounds
from registry.policy.wording import KIND_WORDS
from registry.regions.queries import find_by_words
from registry.regions.words import Unit
from registry.web import current_actor, db_session, requires


@bp.get("/rounds")
@requires(Permission.APPLICATION_VIEW)
def list_rounds() -> ResponseReturnValue:
    """Every round, the newest first, with the cases in it that this person may see."""
    session, actor = db_session(), current_actor()
    everything = queries.list_rounds(session)
    window = links.asked_window().within(len(everything))
    shown_rounds = everything[window.offset : window.offset + window.size]
    now = clock.now()
    return render_template(
        "applications/rounds/list_rounds.html",
        page=Page(shown_rounds, window.number, window.size, len(everything)),
        phases={one.id: timetable.phase_of(one, now) for one in shown_rounds},
        progress=round_progress.count_by_round(session, actor.scope),
        nothing=Progress(),
        groups=Group,
        closings=timetable.CLOSINGS,
        kinds=KIND_WORDS,
        may_set=rounds.may_set(actor),
        page_url=links.page_url,
        size_url=links.size_url,
    )


@bp.get("/rounds/calendar")
@requires(Permission.APPLICATION_VIEW)
def round_calendar() -> ResponseReturnValue:
    """What opens and closes in a year, by month; `?year=`, this year without."""
    events = timetable.events_in(queries.list_rounds(db_session()))
    today = clock.today()
    years = sorted({today.year, *(event.day.year for event in events)})
    asked = request.args.get("year", "")
    year = int(asked) if asked in {str(one) for one in years} else today.year
    of_year = [event for event in events if event.day.year == year]
    coming = timetable.by_month(event for event in of_year if event.day >= today)
    over = timetable.by_month(event for event in of_year if event.day < today)
    return render_template(
        "applications/rounds/calendar.html",
        year=year,
        years=years,
        sections=[
            (words, months) for words, months in (("将到", coming), ("已过", over)) if months
        ],
        kinds=KIND_WORDS,
        today=today,
    )


@bp.get("/rounds/<int:round_id>")
@requires(Permission.APPLICATION_VIEW)
def show_round(round_id: int) -> ResponseReturnValue:
    """One round; `?region=` shows the units of another region in scope than one's own, `?sort=timely`
    the most timely first."""
    session, actor = db_session(), current_actor()
    round_ = queries.get_round(session, round_id)
    may_set = rounds.may_set(actor)
    code, ranked = request.args.get("region", ""), request.args.get("sort") == "timely"
    history = audit_queries.history(session, rounds.OBJECT_TYPE, round_id) if may_set else []
    return render_template(
        "applications/rounds/show.html",
        round=round_,
        basis=basis_of(round_.title, round_.kind, round_.year, round_.rule_set),
        phase=timetable.phase_of(round_, clock.now()),
        closings=timetable.CLOSINGS,
        kinds=KIND_WORDS,
        extensions=round_progress.list_extensions(session, actor.scope, round_id),
        progress=round_progress.read_progress(session, actor.scope, round_, code, ranked=ranked),
        groups=Group,
        ranked=ranked,
        may_set=may_set,
        left=closing.count_left(session, actor.scope, round_) if may_set else 0,
        reason_form=ReasonForm(formdata=None),
        history=history,
    )


@bp.route("/rounds/new", methods=["GET", "POST"])
@requires(Permission.ROUND_EDIT)
def create_round() -> ResponseReturnValue:
    """A new round; `?title=`, `?kind=` and `?year=` choose beforehand."""
    rounds.require_setter(current_actor())
    return _form_page(RoundForm(data=asked_for(request.args, clock.today().year)), None)


@bp.route("/rounds/<int:round_id>/edit", methods=["GET", "POST"])
@requires(Permission.ROUND_EDIT)
def edit_round(round_id: int) -> ResponseReturnValue:
    rounds.require_setter(current_actor())
    round_ = queries.get_round(db_session(), round_id)
    usual = rule_rounds.resolve(round_.title.value, round_.kind, round_.year)
    return _form_page(RoundForm(data=shown(round_, usual.rule_set)), round_)


@bp.post("/rounds/<int:round_id>/end-left")
@requires(Permission.ROUND_EDIT)
def end_left(round_id: int) -> ResponseReturnValue:
    """终止未提交的申报, when the round is over."""
    form = ReasonForm()
    session, actor = db_session(), current_actor()
    rounds.require_setter(actor)
    queries.get_round(session, round_id)
    if not form.validate():
        raise Invalid(form.error_list()[0][1])
    ended = closing.end_left(session, actor, round_id, reason=form.reason.data or "")
    flash(f"已终止 {ended} 份未提交的申报。", "success")
    return redirect(url_for("applications.show_round", round_id=round_id))


@bp.route("/rounds/<int:round_id>/extensions/new", methods=["GET", "POST"])
@requires(Permission.ROUND_EDIT)
def extend_round(round_id: int) -> ResponseReturnValue:
    """Let one unit take a step of the round until later."""
    session, actor = db_session(), current_actor()
    rounds.require_setter(actor)
    round_ = queries.get_round(session, round_id)
    form = ExtensionForm()
    unit = _resolve_unit(form)
    if form.validate_on_submit() and unit is not None:
        try:
            rounds.extend(
                session,
                actor,
                round_id,
                region_code=unit.code,
                step=State(str(form.step.data)),
                until=form.moment,
                reason=form.reason.data or "",
            )
        except Invalid as refused:
            form.add_errors(refused.fields)
        else:
            flash(f"已设置例外：{unit.full_name}。", "success")
            return redirect(url_for("applications.show_round", round_id=round_id))
    page = render_template(
        "applications/rounds/extend.html",
        form=form,
        round=round_,
        closings=timetable.CLOSINGS,
        region_name=unit.full_name if unit else form.region.data,
    )
    return page, 422 if form.errors else 200


def _form_page(form: RoundForm, round_: Round | None) -> ResponseReturnValue:
    """The form with the standard that its title, kind and year come to; saved when all is well.
    `then=basis` asks for that standard alone."""
    status, session = 200, db_session()
    if request.method == "POST" and request.form.get("then") != "basis":
        kept = _keep(form, round_)
        if isinstance(kept, Round):
            flash(f"已保存批次：{kept.name}，{kept.rule_set or '未配置依据'}。", "success")
            return redirect(url_for("applications.show_round", round_id=kept.id))
        status = kept
    page = render_template(
        "applications/rounds/form.html",
        form=form,
        round=round_,
        basis=basis_of(*form.asked, form.chosen_rule_set) if form.asked else None,
        is_fixed=round_ is not None and rounds.has_handed_in(session, round_.id),
    )
    return page, status


def _keep(form: RoundForm, round_: Round | None) -> Round | int:
    """The round as it was saved, or the status of a refusal, which the form then says."""
    if not form.validate():
        return 422
    try:
        return rounds.save_round(
            db_session(),
            current_actor(),
            form.draft(),
            round_id=round_.id if round_ else None,
            seen_version=form.seen_version,
        )
    except (Invalid, Conflict) as refused:
        fields = refused.fields if isinstance(refused, Invalid) else {}
        form.add_errors(fields or {"": refused.message})
        return refused.status


def _resolve_unit(form: ExtensionForm) -> Unit | None:
    """The unit whose name, code or part of a name was typed; the form says why there is none."""
    words = (form.region.data or "").strip()
    if not words:
        return None
    found = find_by_words(db_session(), words, current_actor().scope)
    if found.unit is None:
        form.unit_problem = found.problem or "无法识别，请从列表中选择"
    else:
        form.region.data = found.unit.code
    return found.unit
