"""The due list as a workbook."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from registry import clock
from registry.enterprises.places import place
from registry.fields import Kind
from registry.jobs import workbooks
from registry.jobs.sheets import Export, made_by
from registry.jobs.workbooks import Words
from registry.permissions import Actor, Scope
from registry.recognitions.models import Recognition
from registry.regions.scoping import narrow_by_words
from registry.renewals import queries
from registry.renewals.forms import DueQuery
from registry.renewals.standing import DueRow, read_rows
from registry.spreadsheets.writer import Column

_COLUMNS = (
    Column("序号", Kind.COUNT, 7.0),
    Column("企业名称", width=40.0),
    Column("统一社会信用代码", Kind.USCC, 22.0),
    Column("所在地", width=18.0),
    Column("称号", width=12.0),
    Column("批次", width=16.0),
    Column("有效期起", Kind.DATE, 12.0),
    Column("有效期止", Kind.DATE, 12.0),
    Column("称号状态", width=13.0),
    Column("复核进度", width=14.0),
    Column("年度更新", width=16.0),
    Column("能否申请", width=10.0),
    Column("原因", width=60.0),
)


@workbooks.offered("renewals", "导出复核到期企业")
def due(session: Session, actor: Actor, words: Words) -> Export:
    """The titles that the page of the same words lists. Raises NotFound for a region out of scope."""
    form = DueQuery(MultiDict(words))
    form.offer()
    wanted = form.filter()
    scope, where = narrow_by_words(session, actor.scope, form.typed("region"))
    counts = queries.count_due(session, scope, wanted)
    return Export(
        kind="renewals",
        label=f"{wanted.year}年复核到期企业",
        made_by=made_by(actor),
        where=where or actor.region_name,
        conditions=[
            wanted.title.label if wanted.title else "全部称号",
            *([f"企业：{wanted.text}"] if wanted.text else []),
        ],
        columns=_COLUMNS,
        rows=_rows(session, scope, queries.every_due(session, scope, wanted), wanted.year),
        total=counts[wanted.title] if wanted.title else sum(counts.values()),
    )


def _rows(
    session: Session, scope: Scope, blocks: Iterator[Sequence[Recognition]], year: int
) -> Iterator[Sequence[object]]:
    number = 0
    for titles in blocks:
        for row in read_rows(session, scope, titles, year):
            number += 1
            yield _cells(number, row)


def _cells(number: int, row: DueRow) -> tuple[object, ...]:
    held, firm = row.held, row.held.enterprise
    return (
        number,
        firm.name,
        firm.uscc,
        place(firm.region),
        held.title.short_label,
        held.batch,
        held.valid_from,
        held.valid_to,
        held.state_on(clock.today()).label,
        row.progress,
        row.updates.summary,
        row.permitted,
        "；".join(row.said),
    )
