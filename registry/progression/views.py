"""晋级测算 and 政策变动测算."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from registry import clock, db, links
from registry.assessments.services import Asked
from registry.enterprises.places import place
from registry.errors import Invalid
from registry.jobs import services as jobs
from registry.jobs import workbooks
from registry.permissions import Permission
from registry.policy.clauses import RoundKind, TitleRules
from registry.policy.findings import Verdict
from registry.policy.wording import KIND_WORDS, VERDICT_WORDS
from registry.progression import long_work, moving, queries, rules, services
from registry.progression.choosing import Choice
from registry.progression.forms import DraftForm, RegionQuery
from registry.progression.listing import BELOW, CandidateFilter, Group
from registry.recognitions.catalogue import Title
from registry.regions.scoping import narrow_by_words
from registry.web import context, current_actor, db_session, requires

bp = Blueprint("progression", __name__)
SHOWN = 200
"""Firms of a policy change on the page; the workbook has them all."""


@bp.get("/progression")
@requires(Permission.STATISTICS_VIEW)
def list_candidates() -> ResponseReturnValue:
    """晋级测算: who lacks a title, and how near they are to it."""
    session, actor, today = db_session(), current_actor(), clock.today()
    wanted = CandidateFilter.from_args(request.args)
    scope, region_name = narrow_by_words(session, actor.scope, wanted.region)
    counts, units = queries.count_candidates(session, scope, wanted, today)
    total = counts[wanted.group]
    page = queries.list_candidates(session, scope, wanted, today, links.asked_window(), total)
    return render_template(
        "progression/list_candidates.html",
        wanted=wanted,
        form=RegionQuery(data={"region": wanted.region}),
        region_name=region_name,
        counts=counts,
        units=units,
        page=page,
        freshness=queries.freshness(session, scope, wanted.title),
        round=Asked(title=wanted.title, kind=RoundKind.NEW, year=today.year).round,
        this_year=today.year,
        titles=Title,
        groups=Group,
        has_below=wanted.title in BELOW,
        named=_named,
        place=place,
        verdict_words={verdict.value: words for verdict, words in VERDICT_WORDS.items()},
        clauses_url=links.clauses_url,
        changed_url=links.changed_url,
        page_url=links.page_url,
        size_url=links.size_url,
    )


@bp.post("/progression/evaluate")
@requires(Permission.STATISTICS_VIEW)
def evaluate() -> ResponseReturnValue:
    """Begin a job that evaluates the person's firms for every title."""
    actor = current_actor()
    title = CandidateFilter.from_args(request.form).title
    job = jobs.enqueue(
        db_session(), actor, long_work.EVALUATE, f"{actor.region_name}，全部称号", title=title.value
    )
    return redirect(url_for("jobs.show", job_id=job.id))


@bp.route("/progression/export", methods=["GET", "POST"])
@requires(Permission.EXPORT)
def export_candidates() -> ResponseReturnValue:
    return long_work.candidates.hand_over()


@bp.get("/progression/policy-change")
@requires(Permission.STATISTICS_VIEW)
def policy_change() -> ResponseReturnValue:
    """政策变动测算: the form alone until two rule sets are chosen."""
    choice = Choice.from_args(request.args)
    session, actor = db_session(), current_actor()
    scope, region_name = narrow_by_words(session, actor.scope, choice.region)
    change, problem = None, ""
    if request.args.get("a") and request.args.get("b"):
        try:
            old, new = choice.rules()
            change = moving.measure(session, scope, choice.asked, old, new, most=SHOWN)
        except Invalid as error:
            problem = error.message
    status = 422 if problem else 200
    return _change_page(choice, change, problem=problem, region_name=region_name), status


@bp.post("/progression/policy-change")
@requires(Permission.STATISTICS_VIEW)
def try_draft() -> ResponseReturnValue:
    """The same with an overlay that is sent, read and forgotten."""
    choice = Choice.from_args(request.form)
    form = DraftForm()
    sent = request.files.get("file")
    content = sent.stream.read(rules.MOST_BYTES + 1) if sent is not None else b""
    try:
        old, new = _draft(content, choice)
    except Invalid as error:
        return _change_page(choice, None, problem=error.message, form=form), 422
    # Measuring is no reason to hold the one write lock of SQLite.
    with db.open_session(context().engine, read_only=True) as looking:
        scope = current_actor().scope
        change = moving.measure(looking, scope, choice.asked, old, new, most=SHOWN)
    return _change_page(choice, change, form=form, draft=content.decode("utf-8-sig"))


@bp.route("/progression/policy-change/export", methods=["GET", "POST"])
@requires(Permission.EXPORT)
def export_moves() -> ResponseReturnValue:
    return long_work.moves.hand_over()


@bp.post("/progression/policy-change/draft-export")
@requires(Permission.EXPORT)
def export_draft_moves() -> ResponseReturnValue:
    """At once however long it is: a job would have to keep the draft."""
    choice = Choice.from_args(request.form)
    old, new = _draft(request.form.get("draft", "").encode(), choice)
    actor = current_actor()
    with db.open_session(context().engine, read_only=True) as looking:
        change = moving.measure(looking, actor.scope, choice.asked, old, new)
        book = services.export_moves(looking, actor, change)
    return workbooks.at_once(book)


def _draft(content: bytes, choice: Choice) -> tuple[TitleRules, TitleRules]:
    """The base of a draft and the draft. Raises Invalid."""
    new = rules.read_draft(content, choice.asked)
    return rules.rules_of(new.base), new


def _change_page(choice: Choice, change: moving.PolicyChange | None, **more: Any) -> str:
    given: dict[str, Any] = {"problem": "", "draft": "", "region_name": "", "form": None} | more
    form = given.pop("form") or DraftForm(data={"kind": choice.kind.value})
    return render_template(
        "progression/policy_change.html",
        choice=choice,
        change=change,
        form=form,
        region=RegionQuery(data={"region": choice.region}),
        options=rules.choices(),
        kinds=[(kind.value, KIND_WORDS[kind]) for kind in RoundKind],
        verdicts=list(Verdict),
        verdict_words=VERDICT_WORDS,
        shown=SHOWN,
        limit_kb=rules.MOST_BYTES // 1024,
        clauses_url=links.clauses_url,
        **given,
    )


def _named(rule_set: str, keys: list[str]) -> list[str]:
    return rules.labels(rules.shipped_lines(rule_set), keys)
