"""工作台: the first page, help, and the watermark behind every page."""

from __future__ import annotations

from flask import Blueprint, Response, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import escape

from registry import clock
from registry.applications import flow
from registry.enterprises.places import place
from registry.indicators.workflow import ReportStatus
from registry.installation import queries as installation
from registry.permissions import Permission
from registry.seen import is_row_number
from registry.web import current_actor, db_session, public, requires, signed_in
from registry.worklist import desk, menu, queries, reminding

bp = Blueprint("worklist", __name__)

WATERMARK = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="320" height="180">'
    '<text x="20" y="120" transform="rotate(-18 20 120)" font-size="14" fill="#1d2129" '
    'fill-opacity="0.055" font-family="Microsoft YaHei,Noto Sans CJK SC,sans-serif">{words}</text>'
    "</svg>"
)


@bp.get("/")
@requires(Permission.SELF)
def home() -> ResponseReturnValue:
    """What waits for this person now."""
    actor = current_actor()
    if actor.role.is_admin:
        return render_template("worklist/admin_home.html")
    return render_template(
        "worklist/home.html",
        work=queries.read_work(db_session(), actor),
        desk=desk.read_desk(db_session(), actor),
        statuses=ReportStatus,
        place=place,
    )


@bp.post("/reminders/seen")
@requires(Permission.APPLICATION_VIEW)
def see_reminders() -> ResponseReturnValue:
    """Take the named reminders (`ids`) off the list of one's desk."""
    texts = request.form.getlist("ids")
    ids = {int(text) for text in texts if is_row_number(text)}
    reminding.mark_seen(db_session(), current_actor(), ids)
    return redirect(url_for("worklist.home") + "#reminders")


@bp.get("/help")
@requires(Permission.SELF)
def help_page() -> ResponseReturnValue:
    """How to do the main jobs, by role."""
    return render_template("worklist/help.html", flow=flow.rows())


@bp.get("/wm.svg")
@requires(Permission.SELF)
def watermark() -> ResponseReturnValue:
    """Name, unit and date behind every page."""
    actor = current_actor()
    words = f"{actor.name} · {actor.region_name} {clock.today().isoformat()}"
    response = Response(WATERMARK.format(words=escape(words)), mimetype="image/svg+xml")
    # Asked for again on every page: the next person at this desk must not get the last one's name.
    response.headers["Cache-Control"] = "private, no-cache"
    response.add_etag()
    return response.make_conditional(request)


@bp.get("/healthz")
@public
def health() -> ResponseReturnValue:
    """Whether the process answers; says nothing about the data."""
    return Response("ok", mimetype="text/plain")


@bp.get("/browser")
@public
def old_browser() -> ResponseReturnValue:
    """A page that the oldest browsers can show, for whoever cannot use the rest."""
    return render_template("errors/plain.html", status=0, message="", request_id="")


def frame() -> dict[str, object]:
    """What the frame of every page needs beyond the actor: menu, badges, demo mark.

    An error page gets the menu without badges, since its database may be the trouble.
    """
    found = signed_in()
    if found is None:
        return {"menu": [], "demo": False}
    plain = g.get("answering_error", False)
    badges = {} if plain else queries.badges(db_session(), found.actor)
    return {
        "menu": menu.for_actor(found.actor, request.endpoint, badges),
        "unseen": badges.get("reminders", 0),
        "demo": False if plain else installation.is_demo(db_session()),
    }
