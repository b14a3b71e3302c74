"""What people take out of 晋级测算: the list for coaching visits, and who moves by a policy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy.orm import Session

from registry import clock
from registry.assessments.models import Standing
from registry.enterprises.catalogue import BY_KEY
from registry.errors import Forbidden
from registry.fields import Kind
from registry.jobs.sheets import Export, made_by
from registry.permissions import Actor, Permission
from registry.policy.findings import Verdict
from registry.policy.wording import KIND_WORDS, VERDICT_WORDS
from registry.progression import queries
from registry.progression.listing import CandidateFilter
from registry.progression.moving import Mover, PolicyChange
from registry.progression.rules import requirements, shipped_lines
from registry.recognitions.catalogue import Title
from registry.regions.naming import PlaceName, place_names
from registry.regions.scoping import narrow_by_words
from registry.spreadsheets.writer import Column

NO_CONTACTS = "当前账号不能查看完整联系方式，请去掉“含联系方式”后重新导出。"
_CONTACT = ("contact_name", "contact_phone")
_PLACE = (Column("所属市州", width=16.0), Column("县区", width=20.0))
_VERDICTS = {verdict.value: words for verdict, words in VERDICT_WORDS.items()}
GAINS, LOSES = "受益", "受损"


def export_candidates(
    session: Session, actor: Actor, wanted: CandidateFilter, *, contact: bool = False
) -> Export:
    """The firms of the filter with what they lack; contacts only for those who may reveal them.

    Raises Forbidden for a person who asks for contacts and may not see them, NotFound for a
    region outside their scope.
    """
    if contact and not actor.may(Permission.CONTACT_REVEAL):
        raise Forbidden(NO_CONTACTS)
    scope, where = narrow_by_words(session, actor.scope, wanted.region)
    today = clock.today()
    more = _CONTACT if contact else ()
    counts, _ = queries.count_candidates(session, scope, wanted, today)
    found = queries.candidate_rows(session, scope, wanted, today, more)
    return Export(
        kind="progression",
        label=f"晋级测算_{wanted.title.short_label}",
        made_by=made_by(actor),
        where=where or actor.region_name,
        conditions=wanted.conditions,
        columns=_candidate_columns(contact),
        rows=_candidate_cells(found, place_names(session, scope)),
        total=counts[wanted.group],
        has_contacts=contact,
    )


def export_moves(
    session: Session, actor: Actor, change: PolicyChange, *, where: str = ""
) -> Export:
    """Every firm that stands otherwise by the new rules."""
    places = place_names(session, actor.scope)
    return Export(
        kind="policy_change",
        label="政策变动测算",
        made_by=made_by(actor),
        where=where or actor.region_name,
        conditions=[
            f"{change.old.citation.id} → {change.new.citation.id}",
            f"{change.asked.year}年度{KIND_WORDS[change.asked.kind]}",
            f"测算 {change.firms} 家，{GAINS} {change.gaining} 家，{LOSES} {change.losing} 家",
        ],
        columns=[
            Column("企业名称"),
            Column("统一社会信用代码", Kind.USCC, 22.0),
            *_PLACE,
            Column("持有称号", width=24.0),
            Column("变化", width=8.0),
            Column("原结论", width=10.0),
            Column("新结论", width=10.0),
            Column("起作用的条款", width=60.0),
        ],
        rows=(_mover_cells(mover, places[mover.region_code]) for mover in change.movers),
        total=change.moved,
    )


def _candidate_columns(contact: bool) -> list[Column]:
    return [
        Column("企业名称"),
        Column("统一社会信用代码", Kind.USCC, 22.0),
        *_PLACE,
        *(Column(BY_KEY[key].label, width=16.0) for key in (_CONTACT if contact else ())),
        Column("持有称号", width=24.0),
        Column("结论", width=10.0),
        Column("差几项", Kind.COUNT, 8.0),
        Column("符合", Kind.COUNT, 8.0),
        Column("不符合", Kind.COUNT, 8.0),
        Column("待补充", Kind.COUNT, 8.0),
        Column("待核验", Kind.COUNT, 8.0),
        Column("不符合的条款", width=60.0),
        Column("待补充的条款", width=60.0),
        Column("适用标准", width=16.0),
        Column("申报年度", Kind.YEAR, 10.0),
        Column("测算时间", Kind.DATE, 17.0),
    ]


def _candidate_cells(
    rows: Iterable[tuple[Sequence[Any], Standing]], places: dict[str, PlaceName]
) -> Iterator[Sequence[object]]:
    for (name, uscc, region, titles, *contact), one in rows:
        lines = shipped_lines(one.rule_set)
        yield (
            name, uscc, *places[region].parts, *contact, _title_words(titles),
            _VERDICTS[one.verdict], one.gaps, one.met, one.not_met, one.missing, one.to_verify,
            "；".join(requirements(lines, one.failed)),
            "；".join(requirements(lines, one.lacking)),
            one.rule_set, one.year,
            clock.local(one.made_at).replace(tzinfo=None, microsecond=0),
        )  # fmt: skip


def _mover_cells(mover: Mover, place: PlaceName) -> Sequence[object]:
    return (
        mover.name, mover.uscc, *place.parts,
        "、".join(title.short_label for title in mover.titles),
        GAINS if mover.gains else LOSES,
        VERDICT_WORDS[Verdict(mover.before)], VERDICT_WORDS[Verdict(mover.after)],
        "；".join(mover.why),
    )  # fmt: skip


def _title_words(joined: str | None) -> str:
    held = set((joined or "").split(","))
    return "、".join(title.short_label for title in Title if title.value in held)
