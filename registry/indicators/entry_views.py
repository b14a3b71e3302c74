"""填报: the form with its draft, the check before 提交, 撤回 and 删除."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from registry import clock
from registry.display import moment
from registry.enterprises.models import Enterprise
from registry.enterprises.queries import get_enterprise
from registry.errors import Conflict, Invalid, NotFound
from registry.fields import Value
from registry.forms import ReasonForm, VersionedForm, typed_values
from registry.indicators import checks, comparing, progress, queries, services
from registry.indicators.blueprint import bp
from registry.indicators.catalogue import FIELDS, SECTIONS
from registry.indicators.forms import (
    ReportForm,
    is_plausible_year,
    offered_years,
    readable_figures,
    report_data,
)
from registry.indicators.models import AnnualReport, figures_of
from registry.indicators.services import ReportDraft
from registry.indicators.workflow import EDITABLE, Action
from registry.permissions import Permission
from registry.web import current_actor, db_session, requires

NOTE_MISSING = "有提醒未说明。请逐项核对，确认无误的在这里写明原因"


@dataclass(frozen=True, slots=True)
class _Desk:
    """What one filling in works on: the firm, its report of the year and last year's figures."""

    firm: Enterprise
    year: int
    report: AnnualReport | None
    before: Mapping[str, Value | None] | None

    @property
    def version(self) -> int:
        return self.report.version if self.report else 0


@bp.route("/enterprises/<int:enterprise_id>/annual/<int:year>", methods=["GET", "POST"])
@requires(Permission.ANNUAL_EDIT)
def edit(enterprise_id: int, year: int) -> ResponseReturnValue:
    """填报: save the draft, or go on to the check before 提交."""
    desk = _desk(enterprise_id, year)
    if desk.report is not None and desk.report.status not in EDITABLE:
        if request.method == "GET":
            return redirect(url_for("indicators.show", report_id=desk.report.id))
        raise Conflict(f"该年度指标{desk.report.status.label}，不能修改。请刷新页面查看。")
    form = ReportForm(data=report_data(desk.report))
    if not form.is_submitted():
        return _form_page(desk, form)
    form.validate()
    if request.headers.get("X-Autosave"):
        return _autosave(desk, form)
    if form.seen_version != desk.version:
        return _stale_page(desk, form)
    return _keep(desk, form, goes_on=request.form.get("action") == "submit")


@bp.get("/annual/<int:report_id>/check")
@requires(Permission.ANNUAL_EDIT)
def check(report_id: int) -> ResponseReturnValue:
    """提交前核对: every figure beside last year's, then 提交."""
    report = queries.get_report(db_session(), current_actor().scope, report_id)
    if report.status not in EDITABLE:
        return redirect(url_for("indicators.show", report_id=report.id))
    return _check_page(report)


@bp.post("/annual/<int:report_id>/submit")
@requires(Permission.ANNUAL_EDIT)
def submit(report_id: int) -> ResponseReturnValue:
    """提交审核."""
    session, actor = db_session(), current_actor()
    report = queries.get_report(session, actor.scope, report_id)
    form = VersionedForm()
    if report.status not in EDITABLE:
        raise Conflict(f"该年度指标{report.status.label}，不需要再次提交。")
    draft = ReportDraft(
        enterprise_id=report.enterprise_id,
        year=report.year,
        values={},
        submit=True,
        seen_version=form.seen_version,
    )
    try:
        services.save(session, actor, [draft])
    except Invalid as refusal:
        form.add_errors({"": refusal.message})
        return _check_page(report, form), 422
    flash(f"{report.enterprise.name}{report.year}年度指标已提交。", "success")
    return redirect(url_for("indicators.show", report_id=report_id))


@bp.post("/annual/<int:report_id>/withdraw")
@requires(Permission.ANNUAL_EDIT)
def withdraw(report_id: int) -> ResponseReturnValue:
    """撤回 to a draft, while nobody has confirmed it."""
    form = VersionedForm()
    seen = [(report_id, form.seen_version)]
    report = services.move(db_session(), current_actor(), seen, Action.WITHDRAW)[0]
    flash("已撤回，可以继续修改。", "success")
    return redirect(
        url_for("indicators.edit", enterprise_id=report.enterprise_id, year=report.year)
    )


@bp.route("/annual/<int:report_id>/delete", methods=["GET", "POST"])
@requires(Permission.ANNUAL_EDIT)
def delete(report_id: int) -> ResponseReturnValue:
    """删除 a report entered by mistake, while it is a draft or returned."""
    session, actor = db_session(), current_actor()
    report = queries.get_report(session, actor.scope, report_id)
    form = ReasonForm(data={"version": report.version})
    status = 422 if form.is_submitted() else 200
    if form.validate_on_submit():
        try:
            services.delete(
                session,
                actor,
                report_id,
                seen_version=form.seen_version,
                reason=form.reason.data or "",
            )
        except Conflict as refusal:
            form.add_errors({"": refusal.message})
            status = refusal.status
        else:
            flash(f"已删除{report.enterprise.name}{report.year}年度指标。", "success")
            return redirect(url_for("profiles.show", enterprise_id=report.enterprise_id))
    return render_template("indicators/delete.html", form=form, report=report), status


def _desk(enterprise_id: int, year: int) -> _Desk:
    session = db_session()
    firm = get_enterprise(session, current_actor().scope, enterprise_id)
    if not is_plausible_year(year):
        raise NotFound(f"{year}年度不能填报，请从企业档案中选择年度。")
    if not firm.is_active:
        raise Conflict(f"{firm.name}{firm.status.label}，不能填报年度指标。")
    known = {report.year: report for report in queries.list_of_enterprise(session, firm.id)}
    before = known.get(year - 1)
    return _Desk(firm, year, known.get(year), figures_of(before) if before else None)


def _keep(desk: _Desk, form: VersionedForm, *, goes_on: bool) -> ResponseReturnValue:
    """Save the draft, and go on to the check page when nothing forbids handing it in."""
    if goes_on:
        _add_findings(desk, form)
    if form.errors:
        return _form_page(desk, form), 422
    try:
        services.save(db_session(), current_actor(), [_draft(desk, form)])
    except Conflict as refusal:
        form.add_errors({"": refusal.message})
        return _form_page(desk, form), refusal.status
    if goes_on:
        return redirect(url_for("indicators.check", report_id=_stored(desk).id))
    flash("草稿已保存。", "success")
    return redirect(url_for("indicators.edit", enterprise_id=desk.firm.id, year=desk.year))


def _draft(desk: _Desk, form: VersionedForm) -> ReportDraft:
    return ReportDraft(
        enterprise_id=desk.firm.id,
        year=desk.year,
        values=readable_figures(form),
        note=None if form["note"].errors else form["note"].data or "",
        seen_version=form.seen_version,
    )


def _autosave(desk: _Desk, form: VersionedForm) -> ResponseReturnValue:
    """Keep what can be read, and say what cannot: one bad field does not hold up the others."""
    services.save(db_session(), current_actor(), [_draft(desk, form)])
    return {
        "version": _stored(desk).version,
        "saved_at": moment(clock.now())[-5:],
        "errors": {name: messages for name, messages in form.errors.items() if name},
    }


def _stored(desk: _Desk) -> queries.StoredReport:
    return queries.stored_reports(db_session(), [(desk.firm.id, desk.year)])[
        desk.firm.id, desk.year
    ]


def _add_findings(desk: _Desk, form: VersionedForm) -> None:
    """Put beside the fields what forbids 提交, and ask for a note where there are warnings."""
    found = checks.findings(typed_values(form, FIELDS), desk.before)
    form.add_errors(
        {
            issue.field or "": issue.message
            for issue in reversed(found)
            if issue.blocking and not form.errors.get(issue.field)
        }
    )
    if any(not issue.blocking for issue in found) and not (form["note"].data or "").strip():
        form.add_errors({"note": NOTE_MISSING})


def _stale_page(desk: _Desk, form: VersionedForm) -> ResponseReturnValue:
    """The page again with what somebody else has changed; saving once more is then deliberate."""
    stored = figures_of(desk.report) if desk.report else {}
    posted = readable_figures(form)
    changed = [line for line in comparing.lines(posted, stored) if line.differs]
    form.add_errors({"": services.STALE})
    form.version.data = str(desk.version)
    return _form_page(desk, form, changed), 409


def _form_page(desk: _Desk, form: VersionedForm, changed: Sequence[comparing.Line] = ()) -> str:
    figures = typed_values(form, FIELDS)
    return render_template(
        "indicators/edit.html",
        form=form,
        firm=desk.firm,
        year=desk.year,
        years=offered_years(),
        report=desk.report,
        before=desk.before,
        changed=changed,
        specs=FIELDS,
        sections=progress.sections(figures, form.errors),
        warnings=[i for i in checks.check(figures, desk.before) if not i.blocking],
    )


def _check_page(report: AnnualReport, form: VersionedForm | None = None) -> str:
    return render_template("indicators/check.html", form=form, **comparison(report))


def comparison(report: AnnualReport) -> dict[str, Any]:
    """A report beside last year's, for whoever hands it in and whoever reviews it."""
    known = {
        each.year: figures_of(each)
        for each in queries.list_of_enterprise(db_session(), report.enterprise_id)
    }
    now, before, earlier = (known.get(report.year - back) for back in range(3))
    figures = now or {}
    return {
        "report": report,
        "lines": comparing.lines(figures, before),
        "derived": comparing.derived_lines(figures, before, earlier),
        "has_before": before is not None,
        "findings": checks.findings(figures, before),
        "sections": SECTIONS,
    }
