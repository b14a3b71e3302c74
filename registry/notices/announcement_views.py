"""公告: granting titles, with a look at what will happen before it does, and what was announced."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from registry import clock
from registry.applications import queries as applications
from registry.applications.models import Application, Round
from registry.applications.stepping import authority_of
from registry.applications.workflow import Authority
from registry.audit import queries as audit_queries
from registry.enterprises.places import place
from registry.errors import Conflict, Invalid
from registry.forms import BaseForm, VersionedForm
from registry.jobs.workbooks import at_once
from registry.notices import announcing, lists, queries, services
from registry.notices.announcing import Doubt
from registry.notices.blueprint import bp
from registry.notices.forms import AnnouncementForm, read_announcement, read_cases
from registry.notices.models import Announcement, PublicNotice
from registry.permissions import Permission
from registry.recognitions.catalogue import default_valid_to
from registry.web import current_actor, db_session, requires

CHECK, GRANT = "check", "grant"
"""What the button asks for: a look at what would happen, or that it happens."""


@dataclass(frozen=True, slots=True)
class _Matter:
    """What is to be announced: of a notice of ours, or cases of a round of the ministry's."""

    round: Round
    notice: PublicNotice | None
    cases: Sequence[Application]
    chosen: list[str]

    @property
    def taken(self) -> list[Application]:
        """The cases that the announcement is about."""
        if self.notice is not None:
            return list(self.cases)
        ids = {case_id for case_id, _ in read_cases(self.chosen)}
        return [case for case in self.cases if case.id in ids]


@bp.route("/notices/<int:notice_id>/announce", methods=["GET", "POST"])
@requires(Permission.APPLICATION_REVIEW)
def announce(notice_id: int) -> ResponseReturnValue:
    """Announce what a notice of ours has left standing."""
    session, actor = db_session(), current_actor()
    services.require_publisher(actor)
    notice = queries.get_notice(session, notice_id)
    announcing.refuse_early(notice)
    ready = announcing.ready(session, actor, notice)
    matter = _Matter(notice.round, notice, [entry.application for entry in ready], [])
    return _announce(matter)


@bp.route("/notices/rounds/<int:round_id>/announce", methods=["GET", "POST"])
@requires(Permission.APPLICATION_REVIEW)
def announce_ministry(round_id: int) -> ResponseReturnValue:
    """Announce cases of a round by the ministry's document."""
    session, actor = db_session(), current_actor()
    services.require_publisher(actor)
    round_ = applications.get_round(session, round_id)
    if authority_of(round_.title) is not Authority.MINISTRY:
        raise Conflict(f"{round_.title.label}由省级认定，须先公示再公告。")
    cases = queries.passed_cases(session, actor.scope, round_id)
    return _announce(_Matter(round_, None, cases, request.form.getlist("cases")))


@bp.get("/announcements/<int:announcement_id>")
@requires(Permission.APPLICATION_VIEW)
def show_announcement(announcement_id: int) -> ResponseReturnValue:
    session = db_session()
    made = queries.get_announcement(session, announcement_id)
    return render_template(
        "notices/show_announcement.html",
        announcement=made,
        grants=queries.list_grants(session, current_actor().scope, made.id),
        history=audit_queries.history(session, announcing.OBJECT_TYPE, made.id),
    )


@bp.get("/announcements/<int:announcement_id>/list.xlsx")
@requires(Permission.EXPORT)
def announcement_workbook(announcement_id: int) -> ResponseReturnValue:
    session, actor = db_session(), current_actor()
    made = queries.get_announcement(session, announcement_id)
    return at_once(lists.of_announcement(session, actor, made))


@bp.get("/announcements/<int:announcement_id>/print")
@requires(Permission.APPLICATION_VIEW)
def announcement_paper(announcement_id: int) -> ResponseReturnValue:
    session = db_session()
    made = queries.get_announcement(session, announcement_id)
    found = lists.of_announcement(session, current_actor(), made)
    back = ("公告", url_for("notices.show_announcement", announcement_id=made.id))
    return render_template(
        "notices/paper.html", found=found, text="", back=back, day=made.announced_on
    )


def _announce(matter: _Matter) -> ResponseReturnValue:
    round_, notice = matter.round, matter.notice
    today = clock.today()
    form = AnnouncementForm(
        data={
            "version": notice.version if notice else 0,
            "announced_on": today,
            "batch": f"{round_.year}年度",
            "valid_from": today,
        }
    )
    step = request.form.get("step", "")
    doubts: list[Doubt] | None = None
    if step in {CHECK, GRANT} and form.validate_on_submit():
        if step == GRANT:
            made = _grant(form, matter)
            flash(f"已公告认定，{made.title}。", "success")
            return redirect(url_for("notices.show_announcement", announcement_id=made.id))
        doubts = _look(form, matter)
    return _page(form, matter, doubts), 422 if form.errors else 200


def _page(form: BaseForm, matter: _Matter, doubts: list[Doubt] | None) -> str:
    """The form, or once it has been looked at (`doubts` is not None) what will happen."""
    draft = read_announcement(form) if doubts is not None else None
    valid_to = (
        (draft.valid_to or default_valid_to(matter.round.title, draft.valid_from))
        if draft
        else None
    )
    return render_template(
        "notices/announce.html",
        form=form,
        matter=matter,
        cases=matter.cases if draft is None else matter.taken,
        draft=draft,
        valid_to=valid_to,
        doubts=doubts or [],
        place=place,
    )


def _look(form: BaseForm, matter: _Matter) -> list[Doubt] | None:
    """What would stand against the announcement, or None when the form itself is wrong."""
    notice = matter.notice
    try:
        if not matter.taken:
            raise Invalid(services.CHOSEN_NONE, {"cases": services.CHOSEN_NONE})
        return announcing.doubts(
            db_session(),
            current_actor(),
            matter.round,
            read_announcement(form),
            matter.taken,
            notice.last_on if notice else None,
        )
    except Invalid as refusal:
        form.add_errors(refusal.fields)
        return None


def _grant(form: BaseForm, matter: _Matter) -> Announcement:
    """What was looked at is granted; whatever has come between is the answer to the request."""
    session, actor = db_session(), current_actor()
    draft, notice = read_announcement(form), matter.notice
    if notice is None:
        cases = read_cases(matter.chosen)
        return announcing.announce_ministry(session, actor, matter.round.id, draft, cases)
    seen = form.seen_version if isinstance(form, VersionedForm) else 0
    return announcing.announce(session, actor, notice.id, draft, seen_version=seen)
