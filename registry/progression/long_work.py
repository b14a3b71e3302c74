"""Evaluating the register, and the workbooks, by requests and by jobs."""

from __future__ import annotations

from sqlalchemy.orm import Session

from registry import clock
from registry.assessments import register
from registry.errors import Invalid
from registry.jobs import workbooks
from registry.jobs.catalogue import Result, handler
from registry.jobs.run import Run
from registry.jobs.sheets import Export
from registry.jobs.workbooks import Words
from registry.permissions import Actor, Permission
from registry.progression import moving, queries, services
from registry.progression.choosing import Choice
from registry.progression.listing import CandidateFilter
from registry.recognitions.catalogue import Title
from registry.regions.scoping import narrow_by_words

EVALUATE = "assess_register"


@handler(EVALUATE, "重新测算", Permission.STATISTICS_VIEW)
def evaluate(run: Run) -> Result:
    """Put the standings of every firm of the person's to every title anew."""
    scope = run.actor.scope
    with run.reading() as looking:
        total = queries.count_active(looking, scope) * len(Title)
    found = register.evaluate_all(
        run.session,
        scope,
        clock.today().year,
        progress=lambda done: run.progress(done, max(done, total)),
    )
    firms = max(one.firms for one in found.values())
    without = [title.short_label for title, one in found.items() if not one.rule_set]
    told = f"，{'、'.join(without)}未配置依据" if without else ""
    return Result(
        message=f"已按现有资料测算 {firms:,} 家企业{told}。",
        endpoint="progression.list_candidates",
        values={"title": run.args["title"]},
    )


@workbooks.offered("progression", "导出晋级测算")
def candidates(session: Session, actor: Actor, words: Words) -> Export:
    """The firms that the page of the same words lists; `contact=1` with their contacts."""
    contact = words.get("contact", "") in {"1", "y"}
    wanted = CandidateFilter.from_args(words)
    return services.export_candidates(session, actor, wanted, contact=contact)


@workbooks.offered("policy_change", "导出政策变动测算")
def moves(session: Session, actor: Actor, words: Words) -> Export:
    """Every firm that stands otherwise by the second of two rule sets."""
    choice = Choice.from_args(words)
    if not (choice.old and choice.new):
        raise Invalid("请选择两个标准。")
    scope, where = narrow_by_words(session, actor.scope, choice.region)
    change = moving.measure(session, scope, choice.asked, *choice.rules())
    return services.export_moves(session, actor, change, where=where)
